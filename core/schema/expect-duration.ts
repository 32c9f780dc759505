import { z } from "zod"

/** How long one pool took to be applied, once. */
export const poolDurationSchema = z.object({
	run: z.string(),
	applianceId: z.string(),
	pool: z.string(),
	durationMs: z.number(),
})
export type PoolDuration = z.infer<typeof poolDurationSchema>

/** `runs`: how many it is concluded from. */
export interface ExpectedDuration {
	milliseconds: number
	runs: number
}

/**
 * How long these pools together will take on an appliance: of each the median there or, where it was never applied there, on
 * any. Undefined where one of them was never applied anywhere.
 */
export function expectDuration(
	past: readonly PoolDuration[],
	applianceId: string,
	pools: readonly string[],
): ExpectedDuration | undefined {
	const runs = new Set<string>()
	let milliseconds = 0
	for (const pool of pools) {
		const all = past.filter((one) => one.pool === pool)
		const here = all.filter((one) => one.applianceId === applianceId)
		const used = here.length > 0 ? here : all
		if (used.length === 0) return undefined
		for (const { run } of used) runs.add(run)
		milliseconds += medianOf(used.map(({ durationMs }) => durationMs))
	}
	return pools.length === 0 ? undefined : { milliseconds, runs: runs.size }
}

function medianOf(numbers: number[]): number {
	const sorted = [...numbers].sort((a, b) => a - b)
	const middle = sorted.length / 2
	const upper = sorted[Math.floor(middle)] ?? 0
	return Number.isInteger(middle) ? ((sorted[middle - 1] ?? upper) + upper) / 2 : upper
}
