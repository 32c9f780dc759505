import { expect, test } from "vitest"
import { type CourseUnit, makeBuckets, unitFor } from "../../../../core/schema/history-course.ts"

test.each<[first: string, last: string, unit: CourseUnit]>([
	["2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z", "hour"],
	["2026-01-01T00:00:00Z", "2026-01-04T00:00:00Z", "hour"],
	["2026-01-01T00:00:00Z", "2026-01-04T00:00:01Z", "day"],
	["2026-01-01T00:00:00Z", "2026-04-03T00:00:00Z", "day"],
	["2026-01-01T00:00:00Z", "2026-06-01T00:00:00Z", "month"],
	["2016-01-01T00:00:00Z", "2026-06-01T00:00:00Z", "year"],
	["null", "null", "year"],
])("from %s to %s: by the %s", (first, last, unit) => expect(unitFor(first, last)).toBe(unit))

const row = (start: string) => ({ start, outcome: "applied", count: 1, durationMs: 10 })

test.each<[name: string, starts: string[], unit: CourseUnit, buckets: string[]]>([
	["none", [], "day", []],
	["one", ["2026-01-31"], "day", ["2026-01-31"]],
	["days between, over a month's end", ["2026-03-01", "2026-02-27"], "day", ["2026-02-27", "2026-02-28", "2026-03-01"]],
	[
		"hours over midnight",
		["2026-01-01T23", "2026-01-02T01"],
		"hour",
		["2026-01-01T23", "2026-01-02T00", "2026-01-02T01"],
	],
	["months over a year's end", ["2025-12", "2026-02"], "month", ["2025-12", "2026-01", "2026-02"]],
	["years", ["2024", "2026"], "year", ["2024", "2025", "2026"]],
	["no time at all is left out", ["<b>bold</b>".slice(0, 10), "2026-01-31", "2026"], "day", ["2026-01-31"]],
])("%s", (_, starts, unit, buckets) => {
	expect(makeBuckets(starts.map(row), unit).map(({ start }) => start)).toEqual(buckets)
})

test("of a clock that is centuries off the newest buckets are made, not all", () => {
	const buckets = makeBuckets([row("0070"), row("2026")], "year")
	expect(buckets).toHaveLength(150)
	expect(buckets.at(-1)?.start).toBe("2026")
})

test("counts and durations of what ran; what stood applied already has neither", () => {
	const rows = [
		{ start: "2026", outcome: "applied", count: 3, durationMs: 300 },
		{ start: "2026", outcome: "failed", count: 1, durationMs: 100 },
		{ start: "2026", outcome: "unchanged", count: 9, durationMs: 1 },
	]
	expect(makeBuckets(rows, "year")).toEqual([{ start: "2026", applied: 3, failed: 1, degraded: 0, meanMs: 100 }])
})
