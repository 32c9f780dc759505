import { setImmediate as turn } from "node:timers/promises"
import { expect, test } from "vitest"
import { attachAhead } from "../../../../../core/fleet/services/attach-ahead.ts"
import type { AnyEvent } from "../../../../../core/schema/event.ts"

/** A run that says `count` events of so many characters; `asked` are the attaches, `said` the events that were taken. */
function makePort(count: number, characters: number) {
	const asked: [run: string, after: number][] = []
	const state = { said: 0, stopped: 0 }
	async function* attach(run: string, after = 0, signal?: AbortSignal): AsyncGenerator<AnyEvent> {
		asked.push([run, after])
		try {
			for (let seq = after + 1; seq <= count && !signal?.aborted; seq++) {
				state.said++
				yield { seq, time: "", run, type: "chatter", text: "x".repeat(characters) }
			}
		} finally {
			state.stopped++
		}
	}
	return { asked, state, port: { attach } }
}

async function settle() {
	for (let round = 0; round < 500; round++) await turn()
}

async function seqsOf(events: AsyncIterable<AnyEvent>) {
	const seqs: number[] = []
	for await (const { seq } of events) seqs.push(seq)
	return seqs
}

test("what comes before anybody attaches is kept, and is not asked for again", async () => {
	const { asked, port } = makePort(20, 10)
	const ahead = attachAhead(port, "start-1")
	await settle()
	expect(await seqsOf(ahead.attach("r", 3))).toEqual([4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20])
	expect(asked).toEqual([["start-1", 0]])
})

test("an appliance that says too much before that is not listened to, and asked again later", async () => {
	const { asked, state, port } = makePort(400, 100_000)
	const ahead = attachAhead(port, "start-1")
	await settle()
	expect(state).toEqual({ said: 42, stopped: 1 })
	expect(await seqsOf(ahead.attach("r", 2))).toEqual(Array.from({ length: 398 }, (_, index) => index + 3))
	expect(asked).toEqual([
		["start-1", 0],
		["r", 2],
	])
})

test("whoever attaches early reads at its own pace", async () => {
	const { state, port } = makePort(400, 100_000)
	const events = attachAhead(port, "start-1").attach("r")[Symbol.asyncIterator]()
	for (let seq = 1; seq <= 3; seq++) expect((await events.next()).value).toMatchObject({ seq })
	await settle()
	expect(state.said).toBeLessThan(6)
	await events.return?.()
	expect(state.stopped).toBe(1)
})
