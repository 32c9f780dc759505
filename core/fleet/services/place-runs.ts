import type { HistoryRun } from "../../schema/history.ts"
import { parseMoment } from "../store/run-store.ts"

type Told = Pick<HistoryRun, "run" | "turn" | "startedAt" | "finishedAt">

/** Of a run's pools: one that was followed has a place for each. */
export interface Places {
	first: number
	last: number
}

/** Milliseconds between runs of which the clock does not tell when they were, as long as there is room. */
const STEP = 1

/**
 * When each run counts as ended here, milliseconds, so that an appliance's runs stand in the order in which it made them
 * whatever its clock said: as it says itself where that lies before now and between its neighbours, else right beside the
 * neighbour that it does not agree with. `told`: newest first. `known`: first and last place of those that have some, which
 * they keep. `highest`: place that the newest one here had when the appliance was asked; where that is not told, it is older
 * or gone from there, and either way was before what is newer than all that are told and known.
 */
export function placeRuns(
	told: readonly Told[],
	known: ReadonlyMap<string, Places>,
	now: number,
	highest = Number.NEGATIVE_INFINITY,
): ReadonlyMap<string, number> {
	const inOrder = told.toReversed().toSorted(byTurn)
	const places = new Map<string, number>()
	let before = Number.NEGATIVE_INFINITY
	for (const [index, { run, startedAt, finishedAt = startedAt }] of inOrder.entries()) {
		const next = findNext(inOrder, index, known)
		if (next === inOrder.length) before = Math.max(before, highest)
		// Places are kept when the clock of this desktop is set back.
		const after = known.get(inOrder[next]?.run ?? "")?.first ?? Math.max(now, before + STEP)
		const place = known.get(run)?.last ?? placeBetween(parseMoment(finishedAt), before, after, next - index)
		places.set(run, place)
		before = Math.max(before, place)
	}
	return places
}

/** No two runs have one number, and those of older runners have none: they come first, and only the clock tells. */
function byTurn(a: Told, b: Told): number {
	const turns = (a.turn ?? 0) - (b.turn ?? 0)
	if (turns !== 0 || a.startedAt === b.startedAt) return turns
	return a.startedAt < b.startedAt ? -1 : 1
}

/** The first one behind it that has its place. */
function findNext(inOrder: readonly Told[], index: number, known: ReadonlyMap<string, Places>): number {
	const found = inOrder.findIndex(({ run }, at) => at > index && known.has(run))
	return found === -1 ? inOrder.length : found
}

/** `count`: how many, this one included, are to have their places in between. */
function placeBetween(own: number, before: number, after: number, count: number): number {
	if (own > before && own < after) return own
	const step = Math.min(STEP, (after - before) / (count + 1))
	return own >= after ? after - count * step : before + step
}
