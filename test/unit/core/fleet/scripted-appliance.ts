import { setTimeout as sleep } from "node:timers/promises"
import type { RunRequest, StartResult } from "../../../../core/protocol/runner-calls.ts"
import type { RunnerPort } from "../../../../core/protocol/runner-port.ts"
import type { AnyEvent, EventBody } from "../../../../core/schema/event.ts"
import { FailureError } from "../../../../core/schema/failure.ts"
import type { HistoryRun } from "../../../../core/schema/history.ts"
import { fakePort } from "../protocol/fake-port.ts"

/** What a run of the module in these tests says when nothing goes wrong. */
export const GOOD_RUN: EventBody[] = [
	{
		type: "run-started",
		kind: "apply",
		module: { name: "hotfix", version: "1.0.0", digest: "0".repeat(64) },
		pools: ["web"],
	},
	{ type: "pool-started", pool: "web" },
	{ type: "phase-started", pool: "web", phase: "closure" },
	{ type: "pool-finished", pool: "web", outcome: "applied", durationMs: 7 },
	{ type: "run-finished", outcome: "applied", finalClosure: { outcome: "passed" } },
]

export type ScriptedAppliance = ReturnType<typeof createScriptedAppliance>

/**
 * An appliance whose every answer a test decides. It keeps the promises of `RunnerPort` (record first, then live, by
 * number) so that services can be tested at their boundary; the real runner is tested by the conformance suite.
 */
export function createScriptedAppliance(script: EventBody[] = GOOD_RUN) {
	const runs = new Map<string, AnyEvent[]>()
	/** Starts by the name that their caller gave them. */
	const named = new Map<string, Promise<StartResult>>()
	/** The runs that began, by the ids that were chosen for them. */
	const begun = new Map<string, string>()
	const wakers = new Set<() => void>()
	let connection = 0
	const appliance = {
		/** Connections that were opened, and those that still are. */
		opened: 0,
		open: 0,
		history: [] as HistoryRun[],
		/** Between reading the history and telling it. */
		telling: async (history: HistoryRun[]) => history,
		/** How often it was asked for. */
		told: 0,
		interrupted: [] as string[],
		/** Holds the lock. */
		running: undefined as string | undefined,
		supplied: [] as string[],
		cancelled: [] as string[],
		/** Pools that somebody tried to confirm; what each attempt comes to. */
		confirmed: [] as string[],
		confirming: async () => {},
		/** From where each follower asked for events. */
		attachedAfter: [] as number[],
		recovered: 0,
		/** It has booted and recovers by itself just now. */
		isRecovering: false,
		requests: [] as RunRequest[],
		/** Thrown by the next attempts to connect, one each. */
		refusals: [] as FailureError[],
		/** Awaited by connecting, by supplying, by answering that a content is stored, and by starting. */
		connecting: async (_signal?: AbortSignal) => {},
		supplying: async () => {},
		storing: async () => {},
		starting: async () => {},
		/** Awaited when a run has begun, before that is answered. */
		answering: async () => {},
		/** Awaited before it is told what became of a start. */
		settling: async () => {},
		/** Ids of the starts that somebody asked about. */
		settled: [] as string[],
		startResult: undefined as StartResult | undefined,
		/** Says events at once when a run starts. */
		script,
		say(run: string, bodies: EventBody[]) {
			const events = runs.get(run) ?? []
			for (const body of bodies)
				events.push({
					...body,
					seq: events.length + 1,
					time: new Date(Date.UTC(2026, 0, 1) + events.length).toISOString(),
					run,
				} as AnyEvent)
			runs.set(run, events)
			wake()
		},
		forget: (run: string) => runs.delete(run),
		/** Every open connection is lost. */
		cut() {
			connection++
			wake()
		},
		async connect(signal?: AbortSignal): Promise<RunnerPort> {
			await appliance.connecting(signal)
			const refusal = appliance.refusals.shift()
			if (refusal) throw refusal
			appliance.opened++
			appliance.open++
			return makePort(connection)
		},
	}
	const wake = () => {
		for (const tell of wakers) tell()
		wakers.clear()
	}
	const makePort = (own: number): RunnerPort => {
		let isOpen = true
		const closed = Promise.withResolvers<never>()
		closed.promise.catch(() => undefined) // Only matters to who waits.
		const check = () => {
			if (own !== connection) throw new FailureError("connection-lost", {})
		}
		/** Never resolves: a call that waits ends with the connection. */
		const lostWhenCut = async (): Promise<never> => {
			for (;;) {
				await Promise.race([new Promise<void>((resolve) => wakers.add(resolve)), closed.promise])
				check()
			}
		}
		const answer = async <T>(value: T | (() => T | Promise<T>)): Promise<T> => {
			await sleep(1)
			check()
			return value instanceof Function ? value() : value
		}
		return {
			hello: () =>
				answer({
					protocol: 1,
					runnerVersion: "1",
					node: "24",
					hostname: "alpha",
					os: "Debian",
					root: true,
					systemd: true,
				}),
			status: () =>
				answer({
					runnerVersion: "1",
					interrupted: appliance.interrupted,
					modules: [],
					...(appliance.running !== undefined && { running: { run: appliance.running, since: "" } }),
				}),
			async history({ limit } = {}) {
				const history = appliance.history.slice(0, limit)
				appliance.told++
				return answer(await appliance.telling(history))
			},
			plan: () => Promise.reject(new FailureError("module-disabled", {})),
			...(({ listFolder, readFile, readContent, statFiles }) => ({ listFolder, readFile, readContent, statFiles }))(
				fakePort(),
			),
			missing: (digests) => answer(digests),
			async supply(digest, _size, content) {
				for await (const _piece of content) await Promise.race([appliance.supplying(), closed.promise])
				await Promise.race([appliance.storing(), closed.promise])
				check()
				appliance.supplied.push(digest)
			},
			start({ as = "", ...request }) {
				const starting = answer(async (): Promise<StartResult> => {
					appliance.requests.push(request)
					await Promise.race([appliance.starting(), lostWhenCut()])
					if (appliance.startResult) return appliance.startResult
					const run = `r${runs.size + 1}`
					appliance.say(run, appliance.script)
					begun.set(as, run)
					return { state: "started", run }
				})
				named.set(as, starting)
				return starting.then(async (result) => {
					await appliance.answering()
					check()
					return result
				})
			},
			revert: () => Promise.reject(new FailureError("unknown-pool", {})),
			started: (run) =>
				answer(() => {
					appliance.settled.push(run)
					// A start that was lost on its way never begins.
					const unknown = new FailureError("unknown-run", { run })
					return appliance
						.settling()
						.then(() => named.get(run)?.catch(() => Promise.reject(unknown)) ?? Promise.reject(unknown))
				}),
			prepare: async () => {},
			recover: () =>
				answer(() => {
					if (appliance.isRecovering) throw new FailureError("busy", { run: "recover", since: "2026-01-01T00:00:00Z" })
					appliance.recovered++
					for (const run of appliance.interrupted.splice(0))
						appliance.say(run, [{ type: "run-finished", outcome: "failed", interrupted: true }])
					return { runs: [] }
				}),
			async *attach(name, after = 0, signal) {
				const start = await named.get(name)
				const run = start?.state === "started" ? start.run : name
				let at = after
				appliance.attachedAfter.push(after)
				const stop = () => wake()
				signal?.addEventListener("abort", stop)
				try {
					for (;;) {
						const events = runs.get(run)
						if (!events) throw new FailureError("unknown-run", { run })
						check()
						if (signal?.aborted) return
						const next = events[at]
						if (!next) {
							await new Promise<void>((resolve) => wakers.add(resolve))
							continue
						}
						at = next.seq
						yield next
						if (next.type === "run-finished") return
					}
				} finally {
					signal?.removeEventListener("abort", stop)
				}
			},
			cancel: (name) =>
				answer(() => {
					const run = begun.get(name) ?? name
					if (!runs.has(run)) throw new FailureError("unknown-run", { run })
					appliance.cancelled.push(run)
					appliance.say(run, [{ type: "run-finished", outcome: "failed" }])
				}),
			confirm: (_, pool) =>
				answer(() => {
					appliance.confirmed.push(pool)
					return appliance.confirming()
				}),
			async close() {
				if (isOpen) appliance.open--
				isOpen = false
				closed.reject(new FailureError("connection-lost", {}))
			},
		}
	}
	return appliance
}
