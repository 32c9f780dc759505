import type { AppliedPool, Rollout, RolloutTarget } from "../../schema/rollout.ts"
import { isBusy, isStuck } from "./budget.ts"

export interface Next {
	/** Appliances to start a run on. */
	start: string[]
	/** Pools to put back, one at a time on each appliance. */
	undo: { applianceId: string; pool: string; run: string }[]
	/** When to look again, milliseconds since 1970; undefined: when something happens. */
	wakeAt: number | undefined
}

/** What a rollout does next as it stands; each of these must be on disk (`started`, `undo-started`) before it is done. */
export function findNext(rollout: Rollout, at: number): Next {
	const busy = rollout.targets.filter(isBusy)
	const room = makeRoom(rollout, busy)
	const start = rollout.status.state === "running" ? rollout.targets.filter((one) => isDue(rollout, one, at)) : []
	const undo = rollout.status.state === "undoing" ? rollout.targets.flatMap((one) => nextUndo(one)) : []
	return {
		start: start.filter(room).map(({ applianceId }) => applianceId),
		undo: undo
			.filter(({ target }) => room(target))
			.map(({ target: { applianceId }, applied: { pool, run } }) => ({ applianceId, pool, run })),
		wakeAt: nextMoment(rollout),
	}
}

function isDue({ wave }: Rollout, { wave: own, standing }: RolloutTarget, at: number): boolean {
	if (own > wave) return false
	return standing.state === "waiting" || (standing.state === "pending" && standing.retryAt <= at)
}

/** The pool that was applied last comes back first. */
function nextUndo(target: RolloutTarget): { target: RolloutTarget; applied: AppliedPool }[] {
	if (isBusy(target) || isStuck(target)) return []
	const applied = target.applied.findLast(({ undo }) => undo === undefined)
	return applied ? [{ target, applied }] : []
}

/** Says of one appliance after the other whether there is room for it, and takes it. */
function makeRoom({ policy }: Rollout, busy: RolloutTarget[]): (target: RolloutTarget) => boolean {
	let taken = busy.length
	const behind = new Map<string, number>()
	const take = ({ jump }: RolloutTarget) => jump !== undefined && behind.set(jump, (behind.get(jump) ?? 0) + 1)
	for (const target of busy) take(target)
	return (target) => {
		const isFull = target.jump !== undefined && (behind.get(target.jump) ?? 0) >= policy.perJump
		if (taken >= policy.atOnce || isFull) return false
		taken++
		take(target)
		return true
	}
}

function nextMoment({ status, targets, policy }: Rollout): number | undefined {
	const moments = targets.flatMap(({ standing }) => {
		if (standing.state !== "pending") return []
		const expiry = standing.since + policy.unreachable.expireSeconds * 1000
		return status.state === "running" ? [Math.min(standing.retryAt, expiry)] : [expiry]
	})
	if (status.state === "gate" && status.until !== undefined) moments.push(status.until)
	return moments.length === 0 ? undefined : moments.reduce((a, b) => Math.min(a, b))
}
