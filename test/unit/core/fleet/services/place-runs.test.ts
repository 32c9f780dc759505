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

/** As an appliance tells them, the newest first. */
function placesOf(runs: Told[], known: Record<string, number> = {}, highest?: number) {
	const all = runs.map((one) => {
		const at = typeof one.finishedAt === "number" ? new Date(one.finishedAt).toISOString() : one.finishedAt
		return { ...one, startedAt: at, finishedAt: at }
	})
	const places = Object.entries(known).map(([run, place]) => [run, { first: place, last: place }] as const)
	return placeRuns(all.toReversed(), new Map(places), NOW, highest)
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
	["older runners' first", [told("a", day(9)), told("b", day(5), 1), told("c", day(7), 2)], {}, ["a", "b", "c"]],
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

test("beside the neighbour that the clock does not agree with, not halfway to the other one", () => {
	const runs = [told("a", day(1), 1), told("ahead", future, 2)]
	expect(NOW - (placesOf(runs, { a: day(1) }).get("ahead") ?? 0)).toBeLessThan(10)
	expect(day(9) - (placesOf([...runs, told("c", day(9), 3)], { a: day(1), c: day(9) }).get("ahead") ?? 0)).toBeLessThan(
		10,
	)
	expect((placesOf([told("a", day(1), 1), told("behind", past, 2)]).get("behind") ?? 0) - day(1)).toBeLessThan(10)
})

test.each([
	["right", day(9)],
	["ahead", future],
	["behind", past],
])("after what is known and gone from there, by a clock that is %s", (_, finishedAt) => {
	const [kept, gone] = [day(1), day(8)]
	const runs = [told("older", past, 1), told("kept", kept, 2), told("new", finishedAt, 3), told("newer", finishedAt, 4)]
	const places = placesOf(runs, { kept }, gone)
	expect(places.get("older")).toBeLessThan(kept)
	expect(places.get("new")).toBeGreaterThan(gone)
	expect(places.get("newer")).toBeGreaterThan(places.get("new") ?? NOW)
	expect(places.get("newer")).toBeLessThan(NOW)
})

test("after what is known also where the clock of this desktop was set back", () => {
	const places = placesOf([told("a", future, 1), told("b", day(2), 2), told("c", day(3), 3)], { a: NOW + 5000 })
	expect(places.get("b")).toBeGreaterThan(NOW + 5000)
	expect(places.get("c")).toBeGreaterThan(places.get("b") ?? Number.NaN)
})

test("before the first pool of one that was followed, and after its last", () => {
	const startedAt = new Date(day(4)).toISOString()
	const runs = ["a", "followed", "c"].map((run, index) => ({ run, startedAt, turn: index + 1 }))
	const places = placeRuns(runs.toReversed(), new Map([["followed", { first: day(3), last: day(5) }]]), NOW)
	expect(places.get("a")).toBeLessThan(day(3))
	expect(places.get("c")).toBeGreaterThan(day(5))
})

test("runs of older runners that began at once are as they were told", () => {
	expect(orderOf([told("a", day(1)), told("b", day(1)), told("c", day(1))])).toEqual(["a", "b", "c"])
})
