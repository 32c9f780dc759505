import { setTimeout as sleep } from "node:timers/promises"
import fc from "fast-check"
import { expect, test } from "vitest"
import { gather } from "../../../../core/fleet/gather.ts"

const limits = { items: 3, size: 100, sizeOf: (item: number) => item, milliseconds: 20 }

async function* counting(count: number, pauseOf: (item: number) => number = () => 0) {
	for (let item = 1; item <= count; item++) {
		const pause = pauseOf(item)
		if (pause > 0) await sleep(pause)
		yield item
	}
}
async function collect<T>(pieces: AsyncIterable<T>): Promise<T[]> {
	const all: T[] = []
	for await (const piece of pieces) all.push(piece)
	return all
}

test("the first goes out at once, the others together, as many as a piece may hold", async () => {
	expect(await collect(gather(counting(8), limits))).toEqual([[1], [2, 3, 4], [5, 6, 7], [8]])
})

test("a piece ends with the item that makes it large", async () => {
	expect(await collect(gather(counting(7), { ...limits, items: 9, size: 5 }))).toEqual([[1], [2, 3], [4, 5], [6], [7]])
})

test("what comes while a piece is out waits for no more than its time", async () => {
	const pieces = gather(
		counting(4, (item) => (item === 4 ? 1000 : 0)),
		{ ...limits, items: 9 },
	)
	await pieces.next()
	const begun = performance.now()
	expect((await pieces.next()).value).toEqual([2, 3])
	expect(performance.now() - begun).toBeLessThan(500)
	await pieces.return(undefined)
})

test("after a silence the next one is not kept waiting", async () => {
	const slow = counting(2, (item) => (item === 2 ? 100 : 0))
	const pieces = gather(slow, { ...limits, milliseconds: 60 })
	await pieces.next()
	const begun = performance.now()
	expect((await pieces.next()).value).toEqual([2])
	expect(performance.now() - begun).toBeLessThan(155)
})

test("a failure comes after what came before it", async () => {
	async function* failing() {
		yield* counting(3)
		throw new Error("cut")
	}
	const seen: number[][] = []
	const reading = (async () => {
		for await (const piece of gather(failing(), { ...limits, items: 9 })) seen.push(piece)
	})()
	await expect(reading).rejects.toThrow("cut")
	expect(seen.flat()).toEqual([1, 2, 3])
})

test("no more than one item is read ahead of the reader, and the source ends with it", async () => {
	let given = 0
	let ended = false
	async function* endless() {
		try {
			for (;;) yield ++given
		} finally {
			ended = true
		}
	}
	const pieces = gather(endless(), limits)
	expect((await pieces.next()).value).toEqual([1])
	await sleep(50)
	expect(given).toBe(2)
	await pieces.return(undefined)
	await sleep(0)
	expect(ended).toBe(true)
})

test("none twice, none left out, in order, whatever the times and limits", async () => {
	await fc.assert(
		fc.asyncProperty(
			fc.array(fc.constantFrom(0, 0, 0, 1, 3), { maxLength: 30 }),
			fc.integer({ min: 1, max: 6 }),
			fc.integer({ min: 1, max: 40 }),
			fc.constantFrom(0, 1, 4),
			async (pauses, items, size, milliseconds) => {
				const source = counting(pauses.length, (item) => pauses[item - 1] ?? 0)
				const pieces = await collect(gather(source, { ...limits, items, size, milliseconds }))
				expect(pieces.flat()).toEqual(pauses.map((_, index) => index + 1))
				expect(pieces.every((piece) => piece.length > 0 && piece.length <= items)).toBe(true)
			},
		),
		{ numRuns: 60 },
	)
})
