import { expect, test, vi } from "vitest"
import type { Api } from "../../../renderer/rpc/api.ts"
import { OfflineError } from "../../../renderer/rpc/link.ts"
import { createRunViews } from "../../../renderer/stores/run-views.ts"

const event = (seq: number) => ({ seq, time: "2026-11-23T02:00:00Z", run: "r", type: "pool-started", pool: `p${seq}` })

/** An `api.runs.follow` that plays one script per call and notes where each call wanted to begin. */
function following(...scripts: ((signal?: AbortSignal) => AsyncGenerator<unknown>)[]) {
	const afters: number[] = []
	const follow = async ({ after }: { after: number }, { signal }: { signal?: AbortSignal } = {}) => {
		const script = scripts[afters.length] ?? scripts.at(-1)
		afters.push(after)
		return script?.(signal)
	}
	return { api: { runs: { follow } } as unknown as Api, afters }
}

test("a lost connection goes on after the last event, without gap or double", async () => {
	const { api, afters } = following(
		async function* () {
			yield event(1)
			yield event(2)
			throw new OfflineError()
		},
		async function* () {
			yield event(3)
		},
	)
	const views = createRunViews(api)
	views.follow("x")
	await vi.waitFor(() => expect(views.store.getState().x?.state).toBe("ended"), { timeout: 5000 })
	expect(afters).toEqual([0, 2])
	expect(views.store.getState().x?.view.pools.map((pool) => pool.pool)).toEqual(["p1", "p2", "p3"])
})

test("a record that cannot be read says why", async () => {
	const { api } = following(() => {
		throw new Error("no such run")
	})
	const views = createRunViews(api)
	views.follow("x")
	await vi.waitFor(() =>
		expect(views.store.getState().x).toMatchObject({ state: "failed", error: new Error("no such run") }),
	)
})

test("a run is followed once however many look, until the last looks away", async () => {
	let aborted = false
	const { api, afters } = following(async function* (signal) {
		yield event(1)
		await new Promise<void>((resolve) => signal?.addEventListener("abort", () => resolve()))
		aborted = true
	})
	const views = createRunViews(api)
	const one = views.follow("x")
	const two = views.follow("x")
	one()
	one()
	await vi.waitFor(() => expect(views.store.getState().x?.view.seq).toBe(1))
	expect(aborted).toBe(false)
	two()
	await vi.waitFor(() => expect(aborted).toBe(true))
	expect(afters).toHaveLength(1)
})

test("a record that could not be read is read on when asked again", async () => {
	const { api, afters } = following(
		async function* () {
			yield event(1)
			throw new Error("disk")
		},
		async function* () {
			yield event(2)
		},
	)
	const views = createRunViews(api)
	views.follow("x")
	await vi.waitFor(() => expect(views.store.getState().x?.state).toBe("failed"))
	views.retry("x")
	await vi.waitFor(() => expect(views.store.getState().x?.state).toBe("ended"))
	expect(afters).toEqual([0, 1])
	expect(views.store.getState().x?.view.seq).toBe(2)
})

test("what nobody looks at any more is not kept", async () => {
	const { api } = following(async function* () {
		yield event(1)
	})
	const views = createRunViews(api)
	const stop = views.follow("x")
	await vi.waitFor(() => expect(views.store.getState().x?.state).toBe("ended"))
	stop()
	expect(views.store.getState()).toEqual({})
})
