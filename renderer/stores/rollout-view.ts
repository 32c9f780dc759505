import type { RolloutChange, RolloutHead, RolloutTarget } from "../../core/schema/rollout.ts"
import type { RunResults } from "../../core/schema/rollout-reasons.ts"

export type { RunResults } from "../../core/schema/rollout-reasons.ts"

/** A rollout as its changes tell it. */
export interface RolloutView {
	head: RolloutHead
	targets: readonly RolloutTarget[]
	/**
	 * When appliances of the wave under way came to an end, by this page's clock, the newest last: of the stretch that goes
	 * on now, as a pause says nothing about the pace.
	 */
	ends: readonly number[]
}

/** Ends that the pace is judged by. */
const ENDS = 20

/** The rollout after one change that was heard `at`; undefined while the whole has not come. */
export function applyRolloutChange(
	view: RolloutView | undefined,
	change: RolloutChange,
	at: number,
): RolloutView | undefined {
	if (change.type === "whole") {
		const { targets, ...head } = change.rollout
		return { head, targets, ends: [] }
	}
	if (!view) return undefined
	const { head } = change
	const targets = [...view.targets]
	let ended = 0
	for (const { position, target } of change.targets) {
		const before = targets[position]
		if (before?.applianceId !== target.applianceId) continue
		if (before.standing.state !== "ended" && target.standing.state === "ended") ended++
		targets[position] = target
	}
	const goesOn = head.status.state === "running" && view.head.status.state === "running" && head.wave === view.head.wave
	const now = Array<number>(Math.min(ended, ENDS)).fill(at)
	return { head, targets, ends: goesOn ? [...view.ends, ...now].slice(-ENDS) : [] }
}

/** Runs that have ended, and of which nothing has been read. */
export function unreadRuns(targets: readonly RolloutTarget[], read: RunResults): string[] {
	return targets.flatMap(({ standing }) =>
		standing.state === "ended" && !read.has(standing.run) ? [standing.run] : [],
	)
}
