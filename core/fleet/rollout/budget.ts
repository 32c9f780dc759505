import type { Budget, Pause, Rollout, RolloutTarget } from "../../schema/rollout.ts"

/** How many of `total` are too many; infinite where the budget names no limit. */
export function limitOf({ count, percent }: Budget, total: number): number {
	const part = percent === undefined ? Number.POSITIVE_INFINITY : Math.max(1, Math.floor((total * percent) / 100))
	return Math.min(count ?? Number.POSITIVE_INFINITY, part)
}

/** "stop after 3 failures or 5 % (2 of 40), whichever comes first": what a budget means for so many appliances. */
export function budgetWords(budget: Budget, total: number, what: string): string {
	const { count, percent } = budget
	const parts = [
		count !== undefined && `${count} ${what}`,
		percent !== undefined && `${percent} % (${limitOf({ percent }, total)} of ${total})`,
	].filter((part) => part !== false)
	if (parts.length === 0) return `never stop for ${what}`
	return `stop after ${parts.join(" or ")}${parts.length > 1 ? ", whichever comes first" : ""}`
}

export const hasFailed = ({ standing }: RolloutTarget): boolean =>
	standing.state === "ended" && (standing.outcome === "failed" || standing.outcome === "degraded")

/** Whether something goes on there now. */
export const isBusy = ({ standing, applied }: RolloutTarget): boolean =>
	standing.state === "started" || applied.some(({ undo }) => undo?.state === "started")

/** Whether an undoing failed there: what was applied before it stays, because the last is undone first. */
export const isStuck = ({ applied }: RolloutTarget): boolean => applied.some(({ undo }) => undo?.state === "failed")

const isAbsent = ({ standing }: RolloutTarget): boolean => standing.state === "pending" || standing.state === "expired"

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

/** Undoings that failed, against the budget of the whole. */
export function hasTooManyStuck({ targets, borne, policy }: Rollout): boolean {
	const accepted = new Set(borne)
	const failed = targets.filter((target) => !accepted.has(target.applianceId) && isStuck(target))
	const touched = targets.filter(({ applied }) => applied.length > 0)
	return failed.length >= limitOf(policy.budget.whole, touched.length)
}
