import { expect, test } from "vitest"
import { createState } from "../../../../../core/fleet/services/state-service.ts"
import type { StateChange } from "../../../../../core/schema/desktop.ts"

const empty = { appliances: [], recentModules: [], runs: [], questions: [], notices: [] }
const removed = (id: string) => ({ type: "appliance-removed" as const, id })

async function take(changes: AsyncIterator<StateChange>, count: number): Promise<StateChange[]> {
	const taken: StateChange[] = []
	while (taken.length < count) taken.push((await changes.next()).value)
	return taken
}
const reader = (state: ReturnType<typeof createState>, signal?: AbortSignal) =>
	state.follow(signal)[Symbol.asyncIterator]()

test("the snapshot first, then every change with the next number, to every reader", async () => {
	const state = createState(() => empty)
	state.publish(removed("before"))
	const [one, other] = [reader(state), reader(state)]
	for (const each of [one, other]) expect((await take(each, 1))[0]).toEqual({ type: "snapshot", seq: 1, state: empty })
	for (let i = 0; i < 900; i++) state.publish(removed(`a${i}`))
	for (const each of [one, other]) {
		const changes = await take(each, 900)
		expect(changes.map(({ seq }) => seq)).toEqual(Array.from({ length: 900 }, (_, i) => i + 2))
	}
})

test("a reader too slow for the changes gets a new snapshot and goes on from there; memory stays bounded", async () => {
	const state = createState(() => empty)
	const slow = reader(state)
	await take(slow, 1)
	for (let i = 0; i < 5000; i++) state.publish(removed(`a${i}`))
	expect((await take(slow, 1))[0]).toMatchObject({ type: "snapshot", seq: 5000 })
	state.publish(removed("after"))
	expect((await take(slow, 1))[0]).toMatchObject({ type: "appliance-removed", seq: 5001 })
})

test("a change while the snapshot is taken is not lost", async () => {
	const state = createState(() => {
		if (!isTaken) state.publish(removed("meanwhile"))
		isTaken = true
		return empty
	})
	let isTaken = false
	const seen = await take(reader(state), 2)
	expect(seen.map(({ type }) => type)).toEqual(["snapshot", "appliance-removed"])
})

test("a waiting reader ends at once when its signal is aborted, and at the end of the program", async () => {
	const state = createState(() => empty)
	const stop = new AbortController()
	const [one, other] = [reader(state, stop.signal), reader(state)]
	await take(one, 1)
	await take(other, 1)
	const ends = [one.next(), other.next()]
	stop.abort()
	expect((await ends[0])?.done).toBe(true)
	expect(state.readers()).toBe(1)
	state.close()
	expect((await ends[1])?.done).toBe(true)
	expect(state.readers()).toBe(0)
})
