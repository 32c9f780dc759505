import type { Rollout } from "../../schema/rollout.ts"
import { findExcess, hasTooManyStuck, isBusy, isStuck } from "./budget.ts"

/** What follows by itself from how a rollout stands at a moment: pauses, gates, the next wave, the end. */
export function settle(rollout: Rollout, at: number): Rollout {
	const now = expire(rollout, at)
	switch (now.status.state) {
		case "running":
			return settleRunning(now, at)
		case "gate": {
			const why = findExcess(now)
			if (why) return { ...now, status: { state: "paused", why } }
			if (now.status.until === undefined || now.status.until > at) return now
			return settle({ ...now, wave: now.wave + 1, status: { state: "running" } }, at)
		}
		case "undoing":
			if (hasTooManyStuck(now)) return { ...now, status: { state: "undo-paused", why: "failures" } }
			return isUndone(now) ? { ...now, status: { state: "undone" } } : now
		default:
			return now
	}
}

function settleRunning(rollout: Rollout, at: number): Rollout {
	const why = findExcess(rollout)
	if (why) return { ...rollout, status: { state: "paused", why } }
	const { targets, wave, policy } = rollout
	const isUnderWay = targets.some(
		({ wave: own, standing }) => own <= wave && (standing.state === "waiting" || standing.state === "started"),
	)
	if (isUnderWay) return rollout
	if (targets.every((target) => target.wave <= wave)) {
		const isAwaited = targets.some(({ standing }) => standing.state === "pending")
		return isAwaited ? rollout : { ...rollout, status: { state: "finished" } }
	}
	// Nobody has proved anything: whether the others may come is a person's decision.
	const isProved = targets.some((target) => target.wave === wave && target.standing.state === "ended")
	if (!isProved) return { ...rollout, status: { state: "gate" } }
	switch (policy.gate.kind) {
		case "none":
			return settle({ ...rollout, wave: wave + 1 }, at)
		case "person":
			return { ...rollout, status: { state: "gate" } }
		case "soak":
			return { ...rollout, status: { state: "gate", until: at + policy.gate.seconds * 1000 } }
	}
}

/** Appliances that were not reached for too long are given up, whatever else goes on. */
function expire(rollout: Rollout, at: number): Rollout {
	const patience = rollout.policy.unreachable.expireSeconds * 1000
	const isOver = (since: number) => since + patience <= at
	if (!rollout.targets.some(({ standing }) => standing.state === "pending" && isOver(standing.since))) return rollout
	return {
		...rollout,
		targets: rollout.targets.map((target) =>
			target.standing.state === "pending" && isOver(target.standing.since)
				? { ...target, standing: { state: "expired", failure: target.standing.failure } }
				: target,
		),
	}
}

/** Nothing is under way any more, and nothing that was applied is left to be put back. */
function isUndone({ targets }: Rollout): boolean {
	return targets.every(
		(target) => !isBusy(target) && (isStuck(target) || target.applied.every(({ undo }) => undo?.state === "undone")),
	)
}
