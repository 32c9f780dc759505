import type { HeldGate, Rollout, RolloutTarget, RolloutWish } from "../../schema/rollout.ts"
import { findCounted, hasFailed, isAway, isStuck } from "./budget.ts"
import { withApplied, withTargets } from "./change-targets.ts"

/** What a person decides about the whole. */
export function decide(rollout: Rollout, wish: Exclude<RolloutWish, { type: "skip" }>, at: number): Rollout {
	const { status } = rollout
	const isUndoing = status.state === "undoing" || status.state === "undo-paused"
	switch (wish.type) {
		case "pause":
			if (status.state === "undoing") return { ...rollout, status: { state: "undo-paused", why: "person" } }
			return status.state === "running" || status.state === "gate"
				? { ...rollout, status: { state: "paused", why: "person" } }
				: rollout
		case "go-on":
			if (isStale(rollout, wish)) return rollout
			if (status.state === "undo-paused") return bear({ ...rollout, status: { state: "undoing" } })
			if (status.state === "gate") return bear(nextWave(rollout))
			// Somebody is just tried once more: that is waited for, and then it goes on.
			if (status.state === "running" && status.gate)
				return bear({ ...rollout, status: { state: "running", gate: { isPassed: true } } })
			return status.state === "paused" ? bear({ ...rollout, status: { state: "running" } }) : rollout
		case "halt":
			if (status.state === "undoing") return { ...rollout, status: { state: "undo-paused", why: "person" } }
			return isUndoing || status.state === "undone" || status.state === "finished"
				? rollout
				: { ...rollout, status: { state: "halted" } }
		case "retry":
			return isUndoing || status.state === "undone" ? retryUndo(rollout, at) : retry(rollout, at)
		case "undo":
			return isUndoing || status.state === "undone"
				? rollout
				: withTargets({ ...rollout, status: { state: "undoing" }, borne: [] }, (target) => lookFor(target, at))
	}
}

/** It was said of how the rollout stood before: whoever said it has not seen what it would accept now. */
function isStale({ wave, status }: Rollout, { at }: Extract<RolloutWish, { type: "go-on" }>): boolean {
	return at !== undefined && (at.wave !== wave || at.why !== ("why" in status ? status.why : undefined))
}

/**
 * Degraded ones are no matter for a retry: a person must look, and say that it may go on all the same. Whoever was given up
 * with a run of which nobody knows is looked for first: it may have ended, or go on.
 */
function retry(rollout: Rollout, at: number): Rollout {
	const again = withTargets(rollout, (target) => tryAgain(target, at))
	// Whoever is still away is away as it was accepted: counted anew, it would stop what was just asked for.
	const anew = changedFrom(rollout, again, ({ standing }) => standing.state === "waiting")
	const borne = rollout.borne.filter((id) => !anew.has(id))
	const { status } = rollout
	// There are still as many that cannot be reached: to try again is to accept that for now.
	const isTooMany = status.state === "paused" && status.why === "unreachable"
	const away = isTooMany ? again.targets.filter(({ standing }) => isAway(standing)) : []
	return {
		...again,
		status: { state: "running", ...heldBy(status) },
		borne: [...new Set([...borne, ...away.map(({ applianceId }) => applianceId)])],
	}
}

/** The gate that a wave had come to: whoever is still away leaves it as it was. */
function heldBy(status: Rollout["status"]): { gate?: HeldGate } {
	if (status.state === "running") return status.gate ? { gate: status.gate } : {}
	if (status.state !== "gate") return {}
	return { gate: status.until === undefined ? {} : { until: status.until } }
}

function tryAgain(target: RolloutTarget, at: number): RolloutTarget {
	const { standing } = target
	if (standing.state === "pending") return { ...target, standing: { ...standing, retryAt: at } }
	if (standing.state === "expired" && standing.run !== undefined) return lookFor(target, at)
	const isDegraded = standing.state === "ended" && standing.outcome === "degraded"
	const isMeant = standing.state === "expired" || (hasFailed(target) && !isDegraded)
	return isMeant ? { ...target, standing: { state: "waiting" } } : target
}

/** A run that was given up, and of which nobody knows, is looked for once more. */
function lookFor(target: RolloutTarget, at: number): RolloutTarget {
	const { standing } = target
	if (standing.state !== "expired" || standing.run === undefined) return target
	return { ...target, standing: { state: "lost", run: standing.run, since: at, failure: standing.failure } }
}

/** Not what left its appliance degraded: a person must look there. */
function retryUndo(rollout: Rollout, at: number): Rollout {
	const again = withApplied(rollout, (applied) => {
		const { undo, ...stands } = applied
		if (undo?.state !== "failed" || undo.isDegraded) return applied
		const { run, failure } = undo
		return run !== undefined && failure ? { ...stands, undo: { state: "lost", run, since: at, failure } } : stands
	})
	const meant = changedFrom(rollout, again, () => true)
	return { ...again, status: { state: "undoing" }, borne: rollout.borne.filter((id) => !meant.has(id)) }
}

function changedFrom(before: Rollout, after: Rollout, isMeant: (target: RolloutTarget) => boolean): Set<string> {
	const changed = after.targets.filter((one, index) => one !== before.targets[index] && isMeant(one))
	return new Set(changed.map(({ applianceId }) => applianceId))
}

/** Going on accepts what has failed so far; while it is undone, what could not be put back. */
function bear(rollout: Rollout): Rollout {
	const isUndoing = rollout.status.state === "undoing"
	const accepted = isUndoing
		? rollout.targets.filter(isStuck).map(({ applianceId }) => applianceId)
		: findCounted(rollout)
	return { ...rollout, borne: [...new Set([...rollout.borne, ...accepted])] }
}

function nextWave(rollout: Rollout): Rollout {
	return { ...rollout, wave: rollout.wave + 1, status: { state: "running" } }
}
