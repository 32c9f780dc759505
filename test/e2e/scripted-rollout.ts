import { changeOf } from "../../core/fleet/rollout/change-of.ts"
import { type RolloutEvent, step } from "../../core/fleet/rollout/step.ts"
import { makeWaves } from "../../core/fleet/rollout/waves.ts"
import type { Services } from "../../core/fleet/services/types.ts"
import type { PoolResult } from "../../core/schema/desktop.ts"
import type { Failure } from "../../core/schema/failure.ts"
import type { Rollout, RolloutChange, RolloutPolicy, RolloutWish } from "../../core/schema/rollout.ts"
import { summarise } from "../../core/schema/rollout-words.ts"

const policy: RolloutPolicy = {
	waves: [{ count: 1 }, { percent: 5 }, { percent: 20 }],
	gate: { kind: "person" },
	atOnce: 40,
	perJump: 8,
	budget: { wave: { percent: 10 }, whole: { count: 30, percent: 5 } },
	unreachable: { budget: { percent: 20 }, retrySeconds: 300, expireSeconds: 7 * 24 * 3600 },
}

/** When a scripted rollout began: a moment of the test, so that what it shows of time is true. */
const AGE_MS = 14 * 60_000

/** A rollout to so many appliances that none has begun yet. */
export function makeLargeRollout(total: number, changes: Partial<RolloutPolicy> = {}): Rollout {
	const waves = makeWaves({ ...policy, ...changes }.waves, total)
	return {
		id: "scripted",
		module: { name: "web-security", version: "1.4.0", digest: "0".repeat(64), folder: "/modules/web" },
		force: false,
		allowDowngrade: false,
		createdAt: new Date(Date.now() - AGE_MS).toISOString(),
		policy: { ...policy, ...changes },
		status: { state: "running" },
		wave: 0,
		targets: waves.map((wave, index) => ({
			...{ applianceId: `a${index}`, name: `house-${String(index + 1).padStart(4, "0")}`, wave },
			...{ standing: { state: "waiting" }, applied: [] },
		})),
		borne: [],
	}
}

const timedOut: Failure = { code: "timed-out", data: { phase: "connect", seconds: 20 } }

/** A rollout whose appliances do what a test says, by the machine's own rules and in the place of the real service. */
export function scriptRollouts(services: Services, begun: Rollout) {
	let now = begun
	const results = new Map<string, PoolResult>()
	const wakers = new Set<() => void>()
	const asked: RolloutWish[] = []
	const take = (event: RolloutEvent) => {
		now = step(now, event, Date.now())
	}
	const wake = () => {
		for (const tell of wakers) tell()
		wakers.clear()
	}
	async function* followed<T>(read: (before: Rollout | undefined) => T | undefined, signal?: AbortSignal) {
		let told: Rollout | undefined
		while (!signal?.aborted) {
			const item = told === now ? undefined : read(told)
			told = now
			if (item !== undefined) yield item
			await new Promise<void>((resolve) => {
				wakers.add(resolve)
				signal?.addEventListener("abort", () => resolve())
			})
		}
	}
	Object.assign(services.rollouts, {
		followList: (signal?: AbortSignal) => followed(() => [summarise(now)], signal),
		followChanges: (_: string, signal?: AbortSignal) =>
			followed<RolloutChange>((before) => (before ? changeOf(before, now) : { type: "whole", rollout: now }), signal),
		async ask(_: string, wish: RolloutWish) {
			asked.push(wish)
			take(wish)
			wake()
			return true
		},
	} satisfies Partial<Services["rollouts"]>)
	Object.assign(services.history, {
		ofRuns: (runs: readonly string[]) => runs.flatMap((run) => results.get(run) ?? []),
	} satisfies Partial<Services["history"]>)

	const waiting = () =>
		now.targets
			.filter(({ wave, standing }) => wave <= now.wave && standing.state === "waiting")
			.map((one) => one.applianceId)
	const runOf = (applianceId: string) => `run ${applianceId}`
	const end = (applianceId: string, index: number, finishedAt: number) => {
		const isFailed = index % 23 === 7
		const outcome = isFailed ? "failed" : index % 17 === 3 ? "unchanged" : "applied"
		const run = runOf(applianceId)
		results.set(run, {
			...{ runId: run, pool: "login", applianceId, applianceName: applianceId, moduleName: "web-security" },
			...{ moduleVersion: "1.4.0", kind: "apply", outcome, durationMs: 4000 },
			...(isFailed && { reason: reasonOf(index) }),
			finishedAt: new Date(finishedAt).toISOString(),
		})
		const applied = outcome === "applied" ? [{ pool: "login", run }] : []
		take({ type: "run-ended", run, end: { state: "ended", outcome, applied } })
	}
	return {
		asked,
		current: () => now,
		/** So many more begin. */
		start(count: number) {
			const ids = waiting().slice(0, count)
			take({ type: "started", runs: ids.map((applianceId) => ({ applianceId, run: runOf(applianceId) })) })
			wake()
		},
		/** So many of those under way come to an end, the first at `from`; some in a bad one, and some are not reached. */
		end(count: number, from = Date.now(), gapMs = 0) {
			const busy = now.targets.flatMap(({ applianceId, standing }, index) =>
				standing.state === "started" ? { applianceId, index } : [],
			)
			for (const [turn, { applianceId, index }] of busy.slice(0, count).entries()) {
				if (index % 31 === 9)
					take({ type: "run-ended", run: runOf(applianceId), end: { state: "unreachable", failure: timedOut } })
				else end(applianceId, index, from + turn * gapMs)
			}
			wake()
		},
		goOn() {
			take({ type: "go-on" })
			wake()
		},
	}
}

function reasonOf(index: number): NonNullable<PoolResult["reason"]> {
	const output = index % 2 === 0 ? "nginx: [emerg] bind() to 0.0.0.0:443 failed" : `cannot find module 12${index}`
	return { phase: "closure", message: "a command failed", command: "systemctl reload nginx", exit: 1, output }
}
