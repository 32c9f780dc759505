import { expect, test, vi } from "vitest"
import type { AnyEvent } from "../../../core/schema/event.ts"
import type { Api } from "../../../renderer/rpc/api.ts"
import { OfflineError } from "../../../renderer/rpc/link.ts"
import { mergeOutput } from "../../../renderer/stores/merge-output.ts"
import { applyRunEvent, emptyRun } from "../../../renderer/stores/run-view.ts"
import { createRunViews } from "../../../renderer/stores/run-views.ts"

const event = (seq: number) => ({ seq, time: "2026-11-23T02:00:00Z", run: "r", type: "pool-started", pool: `p${seq}` })

/** An `api.runs.follow` that plays one script of pieces per call and notes where each call wanted to begin. */
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
			yield [event(1), event(2)]
			throw new OfflineError()
		},
		async function* () {
			yield [event(3)]
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
		yield [event(1)]
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
			yield [event(1)]
			throw new Error("disk")
		},
		async function* () {
			yield [event(2)]
		},
	)
	const views = createRunViews(api)
	views.follow("x")
	await vi.waitFor(() => expect(views.store.getState().x?.state).toBe("failed"))
	views.retry("x")
	await vi.waitFor(() => expect(views.store.getState().x?.state).toBe("ended"), { timeout: 5000 })
	expect(afters).toEqual([0, 1])
	expect(views.store.getState().x?.view.seq).toBe(2)
})

test("what nobody looks at any more is not kept", async () => {
	const { api } = following(async function* () {
		yield [event(1)]
	})
	const views = createRunViews(api)
	const stop = views.follow("x")
	await vi.waitFor(() => expect(views.store.getState().x?.state).toBe("ended"), { timeout: 5000 })
	stop()
	expect(views.store.getState()).toEqual({})
})

test("whoever looks away and back at once sees the run from its beginning", async () => {
	let say = () => {}
	const { api } = following(
		async function* () {
			yield [event(1)]
			await new Promise<void>((resolve) => {
				say = resolve
			})
			yield [event(2)]
			await new Promise(() => {})
		},
		async function* () {
			await new Promise((resolve) => setTimeout(resolve, 100))
			yield [event(1), event(2), event(3)]
		},
	)
	const views = createRunViews(api)
	const away = views.follow("x")
	await vi.waitFor(() => expect(views.store.getState().x?.view.seq).toBe(1), { timeout: 5000 })
	say()
	await new Promise((resolve) => setTimeout(resolve, 5))
	away()
	views.follow("x")
	await vi.waitFor(() => expect(views.store.getState().x?.state).toBe("ended"), { timeout: 5000 })
	expect(views.store.getState().x?.view.pools.map((pool) => pool.pool)).toEqual(["p1", "p2", "p3"])
})

test("much that comes at once is shown bit by bit, and all of it before its end", async () => {
	const PIECES = 400
	const text = "0123456789\n".repeat(2000)
	const said = { time: "2026-11-23T02:00:00Z", run: "r", phase: "closure", index: 0 }
	const { api } = following(async function* () {
		yield [{ ...said, seq: 1, type: "command-started", command: "true" }]
		for (let seq = 2; seq < PIECES; seq++) yield [{ ...said, seq, type: "command-output", stream: "stdout", text }]
	})
	const views = createRunViews(api)
	let times = 0
	views.store.subscribe(() => times++)
	views.follow("x")
	await vi.waitFor(() => expect(views.store.getState().x?.state).toBe("ended"), { timeout: 20_000 })
	expect(views.store.getState().x?.view.seq).toBe(PIECES - 1)
	expect(times).toBeGreaterThan(5)
})

test("output that follows itself is put together; nothing else, and nothing over a gap that was cut", () => {
	const output = (seq: number, more: object = {}) => {
		const event = { seq, time: "t", run: "r", type: "command-output", phase: "closure", index: 0, stream: "stdout" }
		return { ...event, text: `${seq} `, ...more }
	}
	const events = [
		...[output(1), output(2), output(3, { stream: "stderr" }), output(4, { stream: "stderr", pool: "p" })],
		...[
			output(5, { pool: "p" }),
			{ seq: 6, time: "t", run: "r", type: "heartbeat" },
			output(7),
			output(8, { index: 1 }),
		],
		...[output(9, { index: 1, cutBytes: 5 }), output(10, { index: 1 }), output(10, { index: 1 })],
	] as AnyEvent[]
	const merged = mergeOutput(events).map((event) => [event.seq, "text" in event ? event.text : event.type])
	expect(merged).toEqual([
		...[
			[2, "1 2 "],
			[3, "3 "],
			[4, "4 "],
			[5, "5 "],
			[6, "heartbeat"],
			[7, "7 "],
			[8, "8 "],
		],
		...[
			[10, "9 10 "],
			[10, "10 "],
		],
	])
	expect(mergeOutput([output(2), output(3)] as AnyEvent[]).reduce(applyRunEvent, emptyRun).seq).toBe(3)
})

test("a clock over there that goes wrong is known, by what comes soonest", async () => {
	const hour = 3_600_000
	const said = (seq: number, ago: number) => ({ ...event(seq), time: new Date(Date.now() - ago).toISOString() })
	const { api } = following(async function* () {
		yield [said(1, hour + 60_000)]
		await new Promise((resolve) => setTimeout(resolve, 100))
		yield [said(2, hour)]
		await new Promise((resolve) => setTimeout(resolve, 100))
		yield [said(3, hour + 30_000)]
	})
	const views = createRunViews(api)
	views.follow("x")
	await vi.waitFor(() => expect(views.store.getState().x?.view.seq).toBe(3))
	const behind = views.store.getState().x?.behindMs ?? 0
	expect(Math.abs(behind - hour)).toBeLessThan(5000)
})
