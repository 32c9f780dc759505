import type { HistoryRun } from "../../schema/history.ts"

type Told = Pick<HistoryRun, "run" | "turn" | "startedAt" | "finishedAt">

/**
 * When each run counts as ended here, milliseconds, so that an appliance's runs stand in the order in which it made them
 * whatever its clock said: as it says itself where that lies before now and between its neighbours, else in between.
 * `known`: of those that have their place already, which they keep.
 */
export function placeRuns(
	told: readonly Told[],
	known: ReadonlyMap<string, number>,
	now: number,
): ReadonlyMap<string, number> {
	const inOrder = told.toSorted(byTurn)
	const places = new Map(known)
	let before = Number.NEGATIVE_INFINITY
	for (const [index, { run, startedAt, finishedAt = startedAt }] of inOrder.entries()) {
		const next = findNext(inOrder, index, known)
		const after = known.get(inOrder[next]?.run ?? "") ?? now
		const place = known.get(run) ?? placeBetween(Date.parse(finishedAt), before, after, next - index)
		places.set(run, place)
		before = Math.max(before, place)
	}
	return places
}

/** No two runs have one number; of older runners' only the clock tells. */
function byTurn(a: Told, b: Told): number {
	if (a.turn !== undefined && b.turn !== undefined) return a.turn - b.turn
	return a.startedAt < b.startedAt ? -1 : 1
}

/** The first one behind it that has its place. */
function findNext(inOrder: readonly Told[], index: number, known: ReadonlyMap<string, number>): number {
	const found = inOrder.findIndex(({ run }, at) => at > index && known.has(run))
	return found === -1 ? inOrder.length : found
}

/** `count`: how many, this one included, are to have their places in between. */
function placeBetween(own: number, before: number, after: number, count: number): number {
	if (own > before && own < after) return own
	const from = Number.isFinite(before) ? before : after - count - 1
	return from + (after - from) / (count + 1)
}
