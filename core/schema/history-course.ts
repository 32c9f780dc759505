import { z } from "zod"
import { poolResultSchema } from "./desktop.ts"
import { reasonSchema } from "./outcome.ts"

/** How much time a bucket holds, and how many characters of an ISO time name it. */
const UNITS = { hour: 13, day: 10, month: 7, year: 4 } as const
const unitSchema = z.enum(["hour", "day", "month", "year"])
export type CourseUnit = z.infer<typeof unitSchema>

/** What the runs of a while came to; rehearsals and reverts are not in it. */
const bucketSchema = z.object({
	/** The beginning of an ISO time, UTC: "2026-11-28", "2026-11". */
	start: z.string(),
	applied: z.number(),
	failed: z.number(),
	degraded: z.number(),
	/** Mean of the pools that ran; absent where none did. */
	meanMs: z.number().optional(),
})
export type CourseBucket = z.infer<typeof bucketSchema>

/** One pool in one run, as a mark on the time line. */
const markSchema = poolResultSchema.omit({ reason: true }).extend({ phase: reasonSchema.shape.phase.optional() })
export type CourseMark = z.infer<typeof markSchema>

/** How results went over time. */
export const historyCourseSchema = z.object({
	unit: unitSchema,
	buckets: z.array(bucketSchema),
	/** The newest ones, newest first. */
	marks: z.array(markSchema),
	total: z.number(),
})
export type HistoryCourse = z.infer<typeof historyCourseSchema>

/** Results of one bucket that ended alike. */
export type CourseRow = { start: string; outcome: string; count: number; durationMs: number }

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** Buckets that are made at most: an appliance's clock may be centuries off. */
const MOST_BUCKETS = 150

/** The unit in which so much time is some dozens of buckets. */
export function unitFor(first: string, last: string): CourseUnit {
	const span = Date.parse(last) - Date.parse(first)
	if (span <= 3 * DAY_MS) return "hour"
	if (span <= 92 * DAY_MS) return "day"
	return span <= 3650 * DAY_MS ? "month" : "year"
}

/** Characters of a time that name its bucket. */
export const lengthOf = (unit: CourseUnit): number => UNITS[unit]

/** Every bucket from the first to the last, empty ones too; the newest where there would be too many. */
export function makeBuckets(rows: readonly CourseRow[], unit: CourseUnit): CourseBucket[] {
	const byStart = Map.groupBy(
		rows.filter(({ start }) => start.length === UNITS[unit] && !Number.isNaN(timeOf(start))),
		({ start }) => start,
	)
	const last = [...byStart.keys()].sort().at(-1)
	const first = [...byStart.keys()].sort()[0]
	if (first === undefined || last === undefined) return []
	const buckets: CourseBucket[] = []
	for (let start = last; start >= first && buckets.length < MOST_BUCKETS; start = before(start, unit))
		buckets.unshift(makeBucket(start, byStart.get(start) ?? []))
	return buckets
}

function makeBucket(start: string, rows: readonly CourseRow[]): CourseBucket {
	const of = (outcome: string) => rows.filter((row) => row.outcome === outcome)
	const sum = (all: readonly CourseRow[], key: "count" | "durationMs") =>
		all.reduce((total, row) => total + row[key], 0)
	const [applied, failed, degraded] = [
		sum(of("applied"), "count"),
		sum(of("failed"), "count"),
		sum(of("degraded"), "count"),
	]
	const ran = applied + failed + degraded
	const durationMs = sum([...of("applied"), ...of("failed"), ...of("degraded")], "durationMs")
	return { start, applied, failed, degraded, ...(ran > 0 && { meanMs: durationMs / ran }) }
}

/** Milliseconds since 1970 at which a bucket begins. */
export function timeOf(start: string): number {
	return Date.parse(start.length === UNITS.hour ? `${start}:00:00Z` : start)
}

function before(start: string, unit: CourseUnit): string {
	const date = new Date(timeOf(start))
	if (unit === "hour") date.setUTCHours(date.getUTCHours() - 1)
	if (unit === "day") date.setUTCDate(date.getUTCDate() - 1)
	if (unit === "month") date.setUTCMonth(date.getUTCMonth() - 1)
	if (unit === "year") date.setUTCFullYear(date.getUTCFullYear() - 1)
	return date.toISOString().slice(0, UNITS[unit])
}
