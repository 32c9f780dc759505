import type { DesktopRun } from "../../schema/desktop.ts"
import type { Failure } from "../../schema/failure.ts"
import type { RolloutTarget, Standing, Undo } from "../../schema/rollout.ts"
import { isTriedAgain } from "../../schema/rollout-words.ts"
import { findDesktopFault, readRunEnd, readUndoEnd } from "./run-end.ts"
import type { RolloutEvent } from "./step.ts"

/** A run or an undoing that may be under way on an appliance; `isGivenUp`: nobody waits for it any more. */
export interface UnderWay {
	applianceId: string
	run: string
	isUndo: boolean
	isLost: boolean
	/** It was away, and has not been heard of yet. */
	isTriedAgain: boolean
	isGivenUp: boolean
}

/** What may be under way on one appliance. */
export function findUnderWay({ applianceId, standing, applied }: RolloutTarget): UnderWay[] {
	const found: UnderWay[] = []
	if (standing.state === "started" || standing.state === "lost" || standing.state === "expired")
		addTo(found, applianceId, standing, false)
	for (const { undo } of applied)
		if (undo?.state === "started" || undo?.state === "lost" || undo?.state === "failed")
			addTo(found, applianceId, undo, true)
	return found
}

function addTo(
	found: UnderWay[],
	applianceId: string,
	one: (Standing | Undo) & { run?: string | undefined },
	isUndo: boolean,
) {
	const { state, run } = one
	if (run === undefined) return
	const isGivenUp = state === "expired" || state === "failed"
	found.push({ applianceId, run, isUndo, isLost: state !== "started", isTriedAgain: isTriedAgain(one), isGivenUp })
}

/** How long a connection may be gone before nobody waits for it, milliseconds: cuts are common, and mostly short. */
const LOST_AFTER_MS = 30_000

/** Tells of runs, as the desktop follows them, what a rollout is to hear. */
export function createHearing(look: (id: string) => DesktopRun | "unknown" | "unreadable") {
	/** Since when nothing was heard, by run. */
	const silent = new Map<string, number>()

	/** What is new about one that may be under way. */
	return function hear({ run: id, isUndo, isLost, isTriedAgain }: UnderWay, at: number): RolloutEvent[] {
		const run = look(id)
		// It was written down and, because a program died, never asked for.
		if (run === "unknown") return [{ type: isUndo ? "undo-ended" : "run-ended", run: id, end: { state: "not-asked" } }]
		if (run === "unreadable") return [tellUnreadable(isUndo, id)]
		const ended = isUndo ? tellUndoEnd(run) : tellRunEnd(run)
		if (ended) {
			silent.delete(id)
			const failure = findDesktopFault(run)
			return failure ? [ended, { type: "stuck", failure }] : [ended]
		}
		if (run.state !== "lost") {
			silent.delete(id)
			const isHeard = isLost || (isTriedAgain && run.state === "running")
			return isHeard ? [{ type: "found", run: id }] : []
		}
		const since = silent.get(id) ?? at
		silent.set(id, since)
		if (isLost || (run.retryAt !== undefined && at - since < LOST_AFTER_MS)) return []
		return [{ type: "lost", run: id, failure: run.failure ?? { code: "connection-lost", data: {} } }]
	}
}

function tellRunEnd(run: DesktopRun): RolloutEvent | undefined {
	const end = readRunEnd(run)
	return end && { type: "run-ended", run: run.id, end }
}

function tellUndoEnd(run: DesktopRun): RolloutEvent | undefined {
	const end = readUndoEnd(run)
	return end && { type: "undo-ended", run: run.id, end }
}

function tellUnreadable(isUndo: boolean, run: string): RolloutEvent {
	const failure: Failure = { code: "not-found", data: { kind: "run", id: run } }
	return isUndo
		? { type: "undo-ended", run, end: { state: "failed", failure } }
		: { type: "run-ended", run, end: { state: "ended", outcome: "failed", applied: [], failure } }
}
