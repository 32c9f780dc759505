import type { CourseBucket, CourseMark, CourseUnit } from "../../../core/schema/history-course.ts"
import { timeOf } from "../../../core/schema/history-course.ts"

/** A line of marks: one appliance where a pool is looked at, one pool where an appliance is. */
export interface Lane {
	name: string
	marks: CourseMark[]
}

/** Lanes that fit a window; the ones with the newest results. */
export const MOST_LANES = 25

/** Marks in lanes, the lane with the newest result first. */
export function makeLanes(marks: readonly CourseMark[], by: "appliance" | "pool"): Lane[] {
	const nameOf = by === "pool" ? (mark: CourseMark) => mark.pool : (mark: CourseMark) => mark.applianceName
	const keyOf =
		by === "pool" ? (mark: CourseMark) => `${mark.moduleName}\n${mark.pool}` : (mark: CourseMark) => mark.applianceId
	return [...Map.groupBy(marks, keyOf).values()].flatMap(([first, ...rest]) =>
		first ? [{ name: nameOf(first), marks: [first, ...rest] }] : [],
	)
}

/** Where a moment stands between two others, 0 to 1; in the middle where they are one. */
export function placeOf(time: number, [from, to]: Span): number {
	return to > from ? Math.max(0, Math.min(1, (time - from) / (to - from))) : 0.5
}

export type Span = [from: number, to: number]

/** From the oldest to the newest mark. */
export function spanOf(marks: readonly CourseMark[]): Span {
	const times = marks.map(({ finishedAt }) => Date.parse(finishedAt)).filter((time) => !Number.isNaN(time))
	return times.length === 0 ? [0, 0] : [Math.min(...times), Math.max(...times)]
}

/** Part of the pools that ran which were applied; undefined where none ran. */
export function rateOf({
	applied,
	failed,
	degraded,
}: Pick<CourseBucket, "applied" | "failed" | "degraded">): number | undefined {
	const ran = applied + failed + degraded
	return ran === 0 ? undefined : applied / ran
}

/** Of all buckets together. */
export function sumOf(buckets: readonly CourseBucket[]): Pick<CourseBucket, "applied" | "failed" | "degraded"> {
	const sum = { applied: 0, failed: 0, degraded: 0 }
	for (const { applied, failed, degraded } of buckets) {
		sum.applied += applied
		sum.failed += failed
		sum.degraded += degraded
	}
	return sum
}

/** Never 100 % where one failed, never 0 % where one was applied. */
export function formatRate(rate: number): string {
	const percent = Math.round(rate * 100)
	if (rate > 0 && rate < 1) return `${Math.max(1, Math.min(99, percent))} %`
	return `${percent} %`
}

const formats: Record<CourseUnit, Intl.DateTimeFormatOptions> = {
	hour: { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" },
	day: { day: "numeric", month: "short", year: "numeric" },
	month: { month: "short", year: "numeric" },
	year: { year: "numeric" },
}

/** Buckets begin and end in UTC, for every desktop alike; said, because the time line beside them is in the person's own zone. */
export function formatBucket(start: string, unit: CourseUnit): string {
	return `${new Date(timeOf(start)).toLocaleString("en-GB", { ...formats[unit], timeZone: "UTC" })} UTC`
}
