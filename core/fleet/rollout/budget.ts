import type { Pause, Rollout, RolloutTarget } from "../../schema/rollout.ts"
import { isTriedAgain, limitOf } from "../../schema/rollout-words.ts"

export const hasFailed = ({ standing }: RolloutTarget): boolean =>
	standing.state === "ended" && (standing.outcome === "failed" || standing.outcome === "degraded")

/** Whether appliances may be begun: whoever was away is tried at a gate too, since what it waits for may be them. */
export const isBeginning = ({ status }: Rollout): boolean => status.state === "running" || status.state === "gate"

/** Whether something goes on there now. */
export const isBusy = ({ standing, applied }: RolloutTarget): boolean =>
	standing.state === "started" || applied.some(({ undo }) => undo?.state === "started")

/** Whether an undoing failed there: what was applied before it stays, because the last is undone first. */
export const isStuck = ({ applied }: RolloutTarget): boolean => applied.some(({ undo }) => undo?.state === "failed")

/** Whether it is tried again or looked for: a run, or an undoing. */
export function isAway<One extends { state: string }>(
	one: One | undefined,
): one is One & { state: "pending" | "lost" } {
	return one?.state === "pending" || one?.state === "lost"
}

/** Whether one that was away is tried again now: it may be away still, and nobody waits for it. */
export const isRetried = ({ standing }: RolloutTarget): boolean => isTriedAgain(standing)

const isAbsent = (target: RolloutTarget): boolean =>
	isAway(target.standing) || isRetried(target) || target.standing.state === "expired"

/** Why a running rollout must not go on; a degraded appliance is always too many. */
export function findExcess({ targets, borne, policy, wave }: Rollout): Pause | undefined {
	const accepted = new Set(borne)
	const counted = targets.filter(({ applianceId }) => !accepted.has(applianceId))
	if (counted.some(({ standing }) => standing.state === "ended" && standing.outcome === "degraded")) return "degraded"
	const failed = counted.filter(hasFailed)
	const ofWave = targets.filter((target) => target.wave === wave)
	if (failed.length >= limitOf(policy.budget.whole, targets.length)) return "failures"
	const failedOfWave = failed.filter((target) => target.wave === wave)
	if (failedOfWave.length >= limitOf(policy.budget.wave, ofWave.length)) return "failures"
	if (counted.filter(isAbsent).length >= limitOf(policy.unreachable.budget, targets.length)) return "unreachable"
	return undefined
}

/** Whoever counts against a budget now. */
export function findCounted({ targets }: Rollout): string[] {
	return targets.filter((target) => hasFailed(target) || isAbsent(target)).map(({ applianceId }) => applianceId)
}

/** Why an undoing must not go on: one that left its appliance degraded, or too many that failed. */
export function findUndoExcess({ targets, borne, policy }: Rollout): Pause | undefined {
	const accepted = new Set(borne)
	const failed = targets.filter((target) => !accepted.has(target.applianceId) && isStuck(target))
	if (failed.some(({ applied }) => applied.some(({ undo }) => undo?.state === "failed" && undo.isDegraded)))
		return "degraded"
	const touched = targets.filter(({ applied }) => applied.length > 0)
	return failed.length >= limitOf(policy.budget.whole, touched.length) ? "failures" : undefined
}
