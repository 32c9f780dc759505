import type { AppliedPool, Rollout, RolloutPolicy, RolloutTarget, Standing, Undo } from "../../schema/rollout.ts"
import { isTriedAgain } from "../../schema/rollout-words.ts"
import { isAway, isBeginning, isBusy, isStuck } from "./budget.ts"

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
	const start = isBeginning(rollout) ? nextStarts(rollout, at) : []
	const undo = rollout.status.state === "undoing" ? nextUndos(rollout, at) : []
	return {
		start: start.filter(room).map(({ applianceId }) => applianceId),
		undo: undo
			.filter(({ target }) => room(target))
			.map(({ target: { applianceId }, applied: { pool, run } }) => ({ applianceId, pool, run })),
		wakeAt: nextMoment(rollout),
	}
}

/** Whoever is away takes only the room that nobody else wants: of thousands the dead ones would take all of it, always. */
function nextStarts(rollout: Rollout, at: number): RolloutTarget[] {
	const due = rollout.targets.filter((one) => isDue(rollout, one, at))
	const isFirst = ({ standing }: RolloutTarget) => standing.state === "waiting"
	return [...due.filter(isFirst), ...due.filter((one) => !isFirst(one))]
}

function isDue({ wave, policy }: Rollout, { wave: own, standing }: RolloutTarget, at: number): boolean {
	if (own > wave) return false
	return standing.state === "waiting" || (standing.state === "pending" && isOver(standing.retryAt, policy, at))
}

/** Also where the clock was set back since: nobody waits longer than between two attempts. */
function isOver(retryAt: number, { unreachable }: RolloutPolicy, at: number): boolean {
	return retryAt <= at || retryAt - at > unreachable.retrySeconds * 1000
}

/**
 * In the same waves, the canary first: nobody of a later wave before those of the ones before are put back, cannot be, or
 * are away.
 */
function nextUndos(rollout: Rollout, at: number): { target: RolloutTarget; applied: AppliedPool }[] {
	const wave = rollout.targets.reduce(
		(least, one) => (isToUndo(rollout, one, at) ? Math.min(least, one.wave) : least),
		Infinity,
	)
	const due = rollout.targets.flatMap((one) => (one.wave <= wave ? nextUndo(rollout, one, at) : []))
	return [...due.filter(isFirstUndo), ...due.filter((one) => !isFirstUndo(one))]
}

const isFirstUndo = ({ applied }: { applied: AppliedPool }) => applied.undo === undefined

function isToUndo(rollout: Rollout, target: RolloutTarget, at: number): boolean {
	const isAgain = target.applied.some(({ undo }) => isTriedAgain(undo))
	return (isBusy(target) && !isAgain) || nextUndo(rollout, target, at).some(isFirstUndo)
}

/** The pool that was applied last comes back first. */
function nextUndo(
	{ policy }: Rollout,
	target: RolloutTarget,
	at: number,
): { target: RolloutTarget; applied: AppliedPool }[] {
	if (isBusy(target) || isStuck(target) || target.standing.state === "lost") return []
	const applied = findUndoable(target)
	const undo = applied?.undo
	const isDue = undo === undefined || (undo.state === "pending" && isOver(undo.retryAt, policy, at))
	return applied && isDue ? [{ target, applied }] : []
}

/** Of an appliance what comes back next: of what stands there still what was applied last. */
export function findUndoable({ applied }: RolloutTarget): AppliedPool | undefined {
	return applied.findLast(({ undo }) => undo?.state !== "undone")
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

function nextMoment(rollout: Rollout): number | undefined {
	const { status, targets, policy } = rollout
	const isGoing = isBeginning(rollout)
	const patience = policy.unreachable.expireSeconds * 1000
	const momentsOf = (one: Standing | Undo | undefined, isTried: boolean) => {
		if (!isAway(one)) return []
		return one.state === "pending" && isTried ? [one.retryAt, one.since + patience] : [one.since + patience]
	}
	const moments = targets.flatMap(({ standing, applied }) => [
		...momentsOf(standing, isGoing),
		...applied.flatMap(({ undo }) => momentsOf(undo, status.state === "undoing")),
	])
	if (status.state === "gate" && status.until !== undefined) moments.push(status.until)
	return moments.length === 0 ? undefined : moments.reduce((a, b) => Math.min(a, b))
}
