import type { PoolResult } from "./desktop.ts"
import { causeOf } from "./failure-cause.ts"
import type { Reason } from "./outcome.ts"
import type { RolloutTarget, Standing } from "./rollout.ts"
import { standingWord } from "./rollout-words.ts"
import { sentenceOf } from "./sentences.ts"

/** What became of the pools of each run, as far as it has been read; a run that did not begin has none. */
export type RunResults = ReadonlyMap<string, readonly PoolResult[]>

/** Appliances of which the same is told. */
export interface Group {
	cause: string
	targets: readonly RolloutTarget[]
}

/** Why appliances failed, the most frequent cause first. */
export function groupFailures(targets: readonly RolloutTarget[], results: RunResults): Group[] {
	return groupBy(targets, (target) => {
		const { standing } = target
		if (standing.state !== "ended" || hasUnknownEnd(target)) return undefined
		return standing.outcome === "failed" || standing.outcome === "degraded" ? causeOfEnd(standing, results) : undefined
	})
}

function causeOfEnd({ run, failure }: Extract<Standing, { state: "ended" }>, results: RunResults): string {
	const ofRun = results.get(run)
	const reason = ofRun?.find(({ outcome }) => outcome === "degraded" || outcome === "failed")?.reason
	if (reason) return knownCauseOf(reason)
	if (failure) return sentenceOf({ ...failure, data: {} }).what
	return ofRun?.length ? "the final closure failed" : "no reason was told"
}

/** By reason: comparing words takes longer than all the rest, and what was said once does not change. */
const causes = new WeakMap<Reason, string>()

function knownCauseOf(reason: Reason): string {
	const cause = causes.get(reason) ?? causeOf(reason)
	causes.set(reason, cause)
	return cause
}

/** Why putting back failed. */
export function groupUndoFailures(targets: readonly RolloutTarget[]): Group[] {
	return groupBy(targets, ({ applied }) => {
		const failed = applied.find(({ undo }) => undo?.state === "failed")?.undo
		if (failed?.state !== "failed") return undefined
		if (failed.failure) return `putting back: ${sentenceOf({ ...failed.failure, data: {} }).what}`
		return failed.isDegraded ? "putting back left it degraded" : "putting back failed"
	})
}

/** Why appliances cannot be reached: they have not failed. */
export function groupUnreachable(targets: readonly RolloutTarget[]): Group[] {
	return groupBy(targets, ({ standing }) => {
		switch (standing.state) {
			case "pending":
				return sentenceOf({ ...standing.failure, data: {} }).what
			case "lost":
				return `Lost in the middle. ${sentenceOf({ ...standing.failure, data: {} }).what}`
			case "expired":
				return standing.run === undefined
					? `Given up. ${sentenceOf({ ...standing.failure, data: {} }).what}`
					: undefined
			default:
				return undefined
		}
	})
}

/** Why nobody knows what became of a run: something may have been applied there. */
export function groupUnended(targets: readonly RolloutTarget[]): Group[] {
	return groupBy(targets, (target) => {
		const { standing } = target
		if (!hasUnknownEnd(target) || !("failure" in standing) || !standing.failure) return undefined
		const { what } = sentenceOf({ ...standing.failure, data: {} })
		return standing.state === "expired" ? `Lost in the middle and given up. ${what}` : what
	})
}

function hasUnknownEnd(target: RolloutTarget): boolean {
	return standingWord(target) === "end unknown"
}

/** Those whom the rollout left out. */
export function groupSkipped(targets: readonly RolloutTarget[]): Group[] {
	return groupBy(targets, ({ standing }) =>
		standing.state === "skipped" ? "left out by a person, or not in the fleet any more" : undefined,
	)
}

function groupBy(targets: readonly RolloutTarget[], causeOf: (target: RolloutTarget) => string | undefined): Group[] {
	const groups = Map.groupBy(targets, causeOf)
	return [...groups]
		.flatMap(([cause, targets]) => (cause === undefined ? [] : [{ cause, targets }]))
		.sort((a, b) => b.targets.length - a.targets.length)
}
