import { describe, expect, test, vi } from "vitest"
import { changeOf } from "../../../core/fleet/rollout/change-of.ts"
import type { Rollout, RolloutChange, RolloutTarget, Standing } from "../../../core/schema/rollout.ts"
import { summarise } from "../../../core/schema/rollout-words.ts"
import type { Api } from "../../../renderer/rpc/api.ts"
import { OfflineError } from "../../../renderer/rpc/link.ts"
import { createRolloutViews } from "../../../renderer/stores/rollout-views.ts"
import { createRollouts } from "../../../renderer/stores/rollouts.ts"
import { makeRollout } from "../core/fleet/rollout/rollouts.ts"

type Script<T> = (signal: AbortSignal) => AsyncGenerator<T>

/** What services tell, one script for each time that somebody follows, and the runs that are asked about. */
function telling(...scripts: Script<RolloutChange>[]) {
	const asked: string[][] = []
	let follows = 0
	const follow = async (_: object, { signal }: { signal: AbortSignal }) => {
		const script = scripts[Math.min(follows++, scripts.length - 1)]
		return script?.(signal)
	}
	const ofRuns = async ({ runs }: { runs: string[] }) => {
		asked.push(runs)
		return { results: runs.map((runId) => ({ runId, pool: "web", outcome: "applied" })) }
	}
	return { api: { rollouts: { follow }, history: { ofRuns } } as unknown as Api, asked, count: () => follows }
}

const ended = (run: string): Standing => ({ state: "ended", run, outcome: "applied" })
const withStandings = (rollout: Rollout, ...standings: Standing[]): Rollout => ({
	...rollout,
	targets: rollout.targets.map(
		(target, index): RolloutTarget => ({ ...target, standing: standings[index] ?? target.standing }),
	),
})
const first = makeRollout([0, 0])
const second = withStandings(first, ended("r1"))
const third = withStandings(first, ended("r1"), ended("r2"))
const whole = (rollout: Rollout): RolloutChange => ({ type: "whole", rollout })
const stepOf = (before: Rollout, after: Rollout) => changeOf(before, after) as RolloutChange
const untilAborted = (signal: AbortSignal) =>
	new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()))

describe("one rollout", () => {
	test("a lost connection: the whole once more, and results that are known are not read again", async () => {
		const { api, asked } = telling(
			async function* () {
				yield whole(first)
				yield stepOf(first, second)
				await new Promise((resolve) => setTimeout(resolve, 300))
				throw new OfflineError()
			},
			async function* (signal) {
				yield whole(third)
				await untilAborted(signal)
			},
		)
		const views = createRolloutViews(api)
		const leave = views.follow("x")
		await vi.waitFor(() => expect(asked).toEqual([["r1"], ["r2"]]), { timeout: 5000 })
		await vi.waitFor(() => expect([...(views.store.getState().x?.results.keys() ?? [])]).toEqual(["r1", "r2"]))
		expect(views.store.getState().x?.view?.targets).toEqual(third.targets)
		leave()
	})
	test("one that cannot be followed says why, and is followed again when that is asked for", async () => {
		const { api, count } = telling(
			async function* () {
				yield whole(first)
				throw new Error("no such rollout")
			},
			async function* (signal) {
				yield whole(second)
				await untilAborted(signal)
			},
		)
		const views = createRolloutViews(api)
		const leave = views.follow("x")
		const alsoLeave = views.follow("x")
		await vi.waitFor(() => expect(views.store.getState().x?.error).toEqual(new Error("no such rollout")))
		await new Promise((resolve) => setTimeout(resolve, 700))
		expect(count()).toBe(1)
		views.retry("x")
		await vi.waitFor(() => expect(views.store.getState().x?.view?.targets).toEqual(second.targets))
		expect(views.store.getState().x?.error).toBeUndefined()
		leave()
		expect(views.store.getState().x?.view?.targets).toEqual(second.targets)
		alsoLeave()
		expect(views.store.getState().x).toBeUndefined()
	})
	test("followed once however many look; when the last looks away nothing of it is kept", async () => {
		let isAborted = false
		const { api, count } = telling(async function* (signal) {
			yield whole(first)
			await untilAborted(signal)
			isAborted = true
		})
		const views = createRolloutViews(api)
		const leave = [views.follow("x"), views.follow("x")]
		await vi.waitFor(() => expect(views.store.getState().x?.view).toBeDefined())
		leave[0]?.()
		leave[0]?.()
		expect([count(), isAborted]).toEqual([1, false])
		leave[1]?.()
		await vi.waitFor(() => expect(isAborted).toBe(true))
		expect(views.store.getState()).toEqual({})
	})
})

test("the list is followed again after a lost connection; what else goes wrong is said, and what was known stays", async () => {
	const scripts = [
		async function* () {
			yield { rollouts: [summarise(first)] }
			throw new OfflineError()
		},
		async function* () {
			yield { rollouts: [summarise(second)] }
			throw new Error("it broke")
		},
	]
	let follows = 0
	const followList = async () => scripts[follows++]?.()
	const list = createRollouts({ rollouts: { followList } } as unknown as Api)
	const stop = new AbortController()
	void list.run(stop.signal)
	await vi.waitFor(() => expect(list.store.getState().error).toEqual(new Error("it broke")), { timeout: 5000 })
	expect(list.store.getState().rollouts).toEqual([summarise(second)])
	expect(follows).toBe(2)
	stop.abort()
})
