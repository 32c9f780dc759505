import type { AppliedPool, HeldGate, Rollout, RolloutTarget, Standing } from "../../schema/rollout.ts"
import { isProved } from "../../schema/rollout-words.ts"
import { findExcess, findUndoExcess, isAway, isBusy, isRetried, isStuck } from "./budget.ts"

/** What follows by itself from how a rollout stands at a moment: pauses, gates, the next wave, the end. */
export function settle(rollout: Rollout, at: number): Rollout {
	const now = expire(rollout, at)
	switch (now.status.state) {
		case "running":
			return settleRunning(now, now.status.gate, at)
		case "gate": {
			const why = findExcess(now)
			if (why) return { ...now, status: { state: "paused", why } }
			// One that was lost is heard of again: the wave has not ended after all.
			if (isUnderWay(now)) return { ...now, status: { state: "running", gate: holdGate(now.status.until) } }
			if (now.status.until === undefined) return isProvedSince(now) ? settleRunning(now, undefined, at) : now
			if (now.status.until > at) return shortenSoak(now, now.status.until, at)
			return settle({ ...now, wave: now.wave + 1, status: { state: "running" } }, at)
		}
		case "undoing": {
			const why = findUndoExcess(now)
			if (why) return { ...now, status: { state: "undo-paused", why } }
			return isUndone(now) ? { ...now, status: { state: "undone" } } : now
		}
		// One that was given up may be heard of again.
		case "finished":
			return isUnderWay(now) || isAwaited(now) ? { ...now, status: { state: "running" } } : now
		case "undone":
			return isUndone(now) ? now : { ...now, status: { state: "undoing" } }
		default:
			return now
	}
}

/** Nobody of the wave had come to an end, and whoever was tried again has: no person need decide. */
function isProvedSince({ targets, wave, policy }: Rollout): boolean {
	return policy.gate.kind !== "person" && isProved(targets, wave)
}

const holdGate = (until: number | undefined): HeldGate => (until === undefined ? {} : { until })

/** `held`: the gate that it had come to already. */
function settleRunning(rollout: Rollout, held: HeldGate | undefined, at: number): Rollout {
	const why = findExcess(rollout)
	if (why) return { ...rollout, status: { state: "paused", why } }
	const { targets, wave, policy } = rollout
	if (isUnderWay(rollout)) return rollout
	if (targets.every((target) => target.wave <= wave))
		return isAwaited(rollout) ? rollout : { ...rollout, status: { state: "finished" } }
	const next: Rollout = { ...rollout, wave: wave + 1, status: { state: "running" } }
	if (held?.isPassed) return settle(next, at)
	// Nobody has proved anything: whether the others may come is a person's decision.
	if (!isProved(targets, wave)) return { ...rollout, status: { state: "gate" } }
	switch (policy.gate.kind) {
		case "none":
			return settle(next, at)
		case "person":
			return { ...rollout, status: { state: "gate" } }
		case "soak":
			return { ...rollout, status: { state: "gate", until: held?.until ?? at + policy.gate.seconds * 1000 } }
	}
}

/** Where the clock was set back: nobody waits longer than the gate says. */
function shortenSoak(rollout: Rollout, until: number, at: number): Rollout {
	const { gate } = rollout.policy
	const latest = at + (gate.kind === "soak" ? gate.seconds * 1000 : 0)
	return until <= latest ? rollout : { ...rollout, status: { state: "gate", until: latest } }
}

/** Somebody of the wave, or of one before, is still to be done; whoever is away is not waited for. */
function isUnderWay({ targets, wave }: Rollout): boolean {
	return targets.some(
		(target) =>
			target.wave <= wave &&
			(target.standing.state === "waiting" || (target.standing.state === "started" && !isRetried(target))),
	)
}

function isAwaited({ targets }: Rollout): boolean {
	return targets.some((target) => isAway(target.standing) || isRetried(target))
}

/** Appliances that were not reached for too long are given up, whatever else goes on. */
function expire(rollout: Rollout, at: number): Rollout {
	const latest = at - rollout.policy.unreachable.expireSeconds * 1000
	const targets = rollout.targets.map((target) => expireTarget(target, latest))
	const isSame = targets.every((target, index) => target === rollout.targets[index])
	return isSame ? rollout : { ...rollout, targets }
}

/** `latest`: whoever is away since then or longer is given up. */
function expireTarget(target: RolloutTarget, latest: number): RolloutTarget {
	if (!isAway(target.standing) && !target.applied.some(({ undo }) => isAway(undo))) return target
	const standing = expireStanding(target.standing, latest)
	const applied = target.applied.map((one) => expireUndo(one, latest))
	const isSame = standing === target.standing && applied.every((one, index) => one === target.applied[index])
	return isSame ? target : { ...target, standing, applied }
}

function expireStanding(standing: Standing, latest: number): Standing {
	if (!isAway(standing) || standing.since > latest) return standing
	const { failure } = standing
	return { state: "expired", ...(standing.state === "lost" && { run: standing.run }), failure }
}

function expireUndo(applied: AppliedPool, latest: number): AppliedPool {
	const { undo } = applied
	if (!isAway(undo) || undo.since > latest) return applied
	const { failure } = undo
	return { ...applied, undo: { state: "failed", ...(undo.state === "lost" && { run: undo.run }), failure } }
}

/** Nothing is under way or awaited any more, and nothing that was applied is left to be put back. */
function isUndone({ targets }: Rollout): boolean {
	return targets.every(
		(target) =>
			!isBusy(target) &&
			target.standing.state !== "lost" &&
			(isStuck(target) || target.applied.every(({ undo }) => undo?.state === "undone")),
	)
}
