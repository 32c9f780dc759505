import { expect, test } from "vitest"
import type { StateChange } from "../../../core/schema/desktop.ts"
import { backoffOf, type Connection, createConnection } from "../../../renderer/rpc/connection.ts"
import type { Transport } from "../../../renderer/rpc/transport.ts"

const snapshot = (seq: number) => ({ type: "snapshot", seq, state: {} }) as unknown as StateChange
const change = (seq: number) => ({ type: "appliance-removed", seq, id: "a" }) as StateChange

/** A transport whose `app.follow` yields some changes and then ends, breaks, or waits until the transport closes. */
function transport(changes: StateChange[], end: "ends" | "throws" | "closes"): Transport {
	let gone = () => {}
	const closed = new Promise<void>((resolve) => {
		gone = resolve
	})
	async function* follow() {
		yield* changes
		if (end === "throws") throw new Error("broken")
		if (end === "closes") {
			gone()
			await new Promise(() => {})
		}
	}
	return { link: { call: async () => follow() }, closed, close: () => gone() }
}

async function runOver(transports: (Transport | Error)[], onChange = (_: StateChange) => true) {
	const stop = new AbortController()
	const states: Connection[] = []
	const waits: number[] = []
	const left = [...transports]
	const { run } = createConnection({
		open: async () => {
			const next = left.shift()
			if (left.length === 0) stop.abort()
			if (!next || next instanceof Error) throw next ?? new Error("none left")
			return next
		},
		wait: async (time) => {
			waits.push(time)
		},
		onConnection: (state) => states.push(state),
		onChange,
	})
	await run(stop.signal)
	return { states, waits }
}

test("each way a connection can end leads to the next one", async () => {
	const seen: number[] = []
	const { states } = await runOver(
		[
			transport([snapshot(1)], "ends"),
			transport([snapshot(2)], "throws"),
			transport([snapshot(3)], "closes"),
			transport([snapshot(4)], "ends"),
		],
		(one) => {
			seen.push(one.seq)
			return true
		},
	)
	expect(seen).toEqual([1, 2, 3, 4])
	expect(states).toEqual(["connected", "lost", "connected", "lost", "connected", "lost", "connected", "lost"])
})

test("a missing change starts over at once with a fresh snapshot", async () => {
	const seen: number[] = []
	await runOver([transport([snapshot(1), change(5), change(6)], "closes"), transport([snapshot(7)], "ends")], (one) => {
		seen.push(one.seq)
		return one.seq !== 5
	})
	expect(seen).toEqual([1, 5, 7])
})

test("the waits grow while nothing answers and are short again after a change", async () => {
	const down = new Error("refused")
	const { waits } = await runOver([down, down, down, transport([snapshot(1)], "ends"), down])
	expect(waits).toEqual([250, 500, 1000, 250, 500])
})

test("a service that opens but never says anything is not asked in a hurry", async () => {
	const { waits } = await runOver([transport([], "throws"), transport([], "throws"), transport([], "throws")])
	expect(waits).toEqual([250, 500, 1000])
})

test("the wait never exceeds 5 seconds", () => {
	expect(backoffOf(50)).toBe(5000)
})
