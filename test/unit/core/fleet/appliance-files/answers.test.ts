import { setTimeout as sleep } from "node:timers/promises"
import { expect, test } from "vitest"
import { answersOf } from "../../../../../core/fleet/appliance-files/answers.ts"

const ids = (count: number) => Array.from({ length: count }, (_, place) => String(place))

test("two thousand, never more than a few at once, each told once", async () => {
	let now = 0
	let most = 0
	const told: string[] = []
	const ask = async (id: string) => {
		most = Math.max(most, ++now)
		await sleep(1)
		now--
		return id
	}
	for await (const id of answersOf(ids(2000), ask, { atOnce: 16 })) told.push(id)
	expect(most).toBe(16)
	expect(told.sort((a, b) => Number(a) - Number(b))).toEqual(ids(2000))
})

test("what comes first is told first", async () => {
	const ask = async (id: string) => {
		await sleep(id === "0" ? 50 : 0)
		return id
	}
	const told: string[] = []
	for await (const id of answersOf(ids(3), ask, { atOnce: 3 })) told.push(id)
	expect(told).toEqual(["1", "2", "0"])
})

test("whoever stops listening ends what goes on, and nothing more begins", async () => {
	const asked: string[] = []
	const ended: string[] = []
	const ask = async (id: string, signal: AbortSignal) => {
		asked.push(id)
		signal.addEventListener("abort", () => ended.push(id))
		await sleep(id === "0" ? 0 : 20)
		return id
	}
	for await (const _ of answersOf(ids(20), ask, { atOnce: 2 })) break
	await sleep(50)
	// The free slot was taken by the next one just when the first was told.
	expect(asked.length).toBeLessThanOrEqual(3)
	expect(ended).toEqual(expect.arrayContaining(["1"]))
})
