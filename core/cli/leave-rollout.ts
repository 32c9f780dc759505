import { isBeginning, isBusy, isRetried } from "../fleet/rollout/budget.ts"
import { findNext } from "../fleet/rollout/find-next.ts"
import type { Rollout, RolloutTarget } from "../schema/rollout.ts"
import { isTriedAgain } from "../schema/rollout-words.ts"

/**
 * Says of a rollout that goes on, as it stands at one moment after the other, whether only appliances are left that are away
 * and were tried: all has been done that can be done now. Where so many are away that some are always being tried, that is
 * so after as long as there is between two attempts.
 */
export function createLeaving(): (rollout: Rollout, at: number) => boolean {
	let since: number | undefined
	return (rollout, at) => {
		if (isMoreToCome(rollout, at)) {
			since = undefined
			return false
		}
		since ??= at
		const { start, undo } = findNext(rollout, at)
		const isTrying = start.length + undo.length > 0 || rollout.targets.some(isBusy)
		return !isTrying || at - since >= rollout.policy.unreachable.retrySeconds * 1000
	}
}

/** Something goes on, or is due, that has not to do with those who are away. */
function isMoreToCome(rollout: Rollout, at: number): boolean {
	const { status, targets, wave } = rollout
	if (status.state === "gate" && status.until !== undefined) return true
	const { start, undo } = findNext(rollout, at)
	const due = new Set([...start, ...undo.map(({ applianceId }) => applianceId)])
	// One may wait for room.
	const isWaiting = (one: RolloutTarget) => isBeginning(rollout) && one.wave <= wave && one.standing.state === "waiting"
	const isOpen = (one: RolloutTarget) => isBusy(one) || due.has(one.applianceId) || isWaiting(one)
	return targets.some((target) => isOpen(target) && !isAgain(target))
}

/** It was away, and is tried again now or is to be. */
function isAgain(target: RolloutTarget): boolean {
	return (
		isRetried(target) ||
		target.standing.state === "pending" ||
		target.applied.some(({ undo }) => undo?.state === "pending" || isTriedAgain(undo))
	)
}
