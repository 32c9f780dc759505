import type { RolloutTarget } from "../../../core/schema/rollout.ts"
import type { RunResults } from "../../stores/rollout-view.ts"

/** What came to an end in one piece of the time. */
export interface Slice {
	/** Milliseconds since 1970. */
	start: number
	good: number
	bad: number
	/** Of all appliances, until the end of this slice. */
	done: number
}

/** Pieces that the time is cut into. */
const SLICES = 40

/** How a rollout went: the time from its beginning to the last end, in equal pieces. Ends of which no time is known are left out. */
export function sliceCourse(
	targets: readonly RolloutTarget[],
	results: RunResults,
	begun: number,
	now: number,
): Slice[] {
	const ends = targets.flatMap(({ standing }) => {
		const at = standing.state === "ended" ? endOf(results.get(standing.run)) : undefined
		if (standing.state !== "ended" || at === undefined) return []
		const isBad = standing.outcome === "failed" || standing.outcome === "degraded"
		// Times are the appliances' own, and their clocks may be off.
		return [{ at: Math.min(Math.max(at, begun), now), isBad }]
	})
	if (ends.length === 0) return []
	const last = Math.max(...ends.map(({ at }) => at))
	const size = Math.max(1, (last - begun) / SLICES)
	const slices = Array.from({ length: SLICES }, (_, index) => ({
		start: begun + index * size,
		good: 0,
		bad: 0,
		done: 0,
	}))
	for (const { at, isBad } of ends) {
		const slice = slices[Math.min(SLICES - 1, Math.floor((at - begun) / size))]
		if (slice) slice[isBad ? "bad" : "good"]++
	}
	let done = 0
	for (const slice of slices) slice.done = done += slice.good + slice.bad
	return slices
}

function endOf(results: readonly { finishedAt: string }[] | undefined): number | undefined {
	const times = (results ?? []).map(({ finishedAt }) => Date.parse(finishedAt)).filter((time) => !Number.isNaN(time))
	return times.length > 0 ? Math.max(...times) : undefined
}
