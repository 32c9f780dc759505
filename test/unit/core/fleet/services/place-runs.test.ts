import { expect, test } from "vitest"
import { placeRuns } from "../../../../../core/fleet/services/place-runs.ts"

const NOW = Date.UTC(2026, 5, 1)
const day = (day: number) => Date.UTC(2026, 4, day)

interface Told {
	run: string
	turn?: number
	finishedAt: string | number
}
const told = (run: string, finishedAt: Told["finishedAt"], turn?: number): Told => ({
	...{ run, finishedAt },
	...(turn !== undefined && { turn }),
})

function placesOf(runs: Told[], known: Record<string, number> = {}) {
	const all = runs.map((one) => {
		const at = typeof one.finishedAt === "number" ? new Date(one.finishedAt).toISOString() : one.finishedAt
		return { ...one, startedAt: at, finishedAt: at }
	})
	return placeRuns(all, new Map(Object.entries(known)), NOW)
}

/** The runs by their places, the newest last. */
const orderOf = (runs: Told[], known: Record<string, number> = {}) =>
	[...placesOf(runs, known)].sort(([, a], [, b]) => a - b).map(([run]) => run)

test("by the appliance's clock where it may be right", () => {
	const places = placesOf([told("b", day(2), 2), told("a", day(1), 1)])
	expect(Object.fromEntries(places)).toEqual({ a: day(1), b: day(2) })
	expect(orderOf([told("late", day(9)), told("early", day(1))])).toEqual(["early", "late"])
})

const future = "2030-01-01T00:00:00Z"
const past = "1970-01-01T00:00:00Z"
type Row = [name: string, runs: Told[], known: Record<string, number>, order: string[]]
const rows: Row[] = [
	["a clock that was ahead, all new", [told("a", future, 1), told("b", day(1), 2)], {}, ["a", "b"]],
	["a clock that fell back, all new", [told("a", day(1), 1), told("b", past, 2)], {}, ["a", "b"]],
	["the newest behind what is known", [told("a", day(5), 1), told("b", past, 2)], { a: day(5) }, ["a", "b"]],
	["an older one that is told later", [told("a", future, 1), told("b", day(9), 2)], { b: day(9) }, ["a", "b"]],
	[
		"one that was missed in between",
		[told("a", day(1), 1), told("b", future, 2), told("c", day(2), 3)],
		{ a: day(1), c: day(2) },
		["a", "b", "c"],
	],
	["set up anew: the numbers begin again", [told("b", day(9), 1)], { a: day(1) }, ["a", "b"]],
	["what is no moment", [told("a", day(1), 1), told("b", "then", 2)], {}, ["a", "b"]],
]
test.each(rows)("%s", (_, runs, known, order) => {
	expect(orderOf(runs, known)).toEqual(order)
	expect(orderOf(runs.toReversed(), known)).toEqual(order)
	for (const [run, place] of Object.entries(known)) expect(placesOf(runs, known).get(run)).toBe(place)
})

test("a thousand runs of a clock that is ahead have places of their own, none of them later than now", () => {
	const runs = Array.from({ length: 1000 }, (_, index) => told(`${index + 1}`, future, index + 1))
	expect(orderOf(runs)).toEqual(runs.map(({ run }) => run))
	expect(new Set(placesOf(runs).values()).size).toBe(1000)
	expect(Math.max(...placesOf(runs).values())).toBeLessThan(NOW)
})
