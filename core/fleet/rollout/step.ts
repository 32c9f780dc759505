import type { Failure } from "../../schema/failure.ts"
import type { PoolOutcome } from "../../schema/outcome.ts"
import type {
	AppliedPool,
	Rollout,
	RolloutPolicy,
	RolloutTarget,
	RolloutWish,
	Standing,
	Undo,
} from "../../schema/rollout.ts"
import { isTriedAgain } from "../../schema/rollout-words.ts"
import { isBeginning, isBusy } from "./budget.ts"
import { withApplied, withTargets } from "./change-targets.ts"
import { decide } from "./decide.ts"
import { findUndoable } from "./find-next.ts"
import { settle } from "./settle.ts"

/** It could not be reached, or another run was under way there: later. */
type Unreachable = { state: "unreachable"; failure: Failure }
/** Nobody ever asked the appliance for it. */
type NotAsked = { state: "not-asked" }

/** What becomes of a run on an appliance; `applied`: under the appliance's own id of the run. */
export type RunEnd =
	| { state: "ended"; outcome: PoolOutcome; applied: { pool: string; run: string }[]; failure?: Failure }
	| Unreachable
	| NotAsked

export type UndoEnd =
	| { state: "undone" }
	| { state: "failed"; isDegraded?: boolean; failure?: Failure }
	| Unreachable
	| NotAsked

export type RolloutEvent =
	/** Runs are about to be asked for, under these ids of the desktop's. */
	| { type: "started"; runs: { applianceId: string; run: string }[] }
	| { type: "run-ended"; run: string; end: RunEnd }
	| { type: "undo-started"; runs: { applianceId: string; pool: string; run: string }[] }
	| { type: "undo-ended"; run: string; end: UndoEnd }
	/** Of a run or an undoing that is under way nothing is heard any more, and then again, or after all. */
	| { type: "lost"; run: string; failure: Failure }
	| { type: "found"; run: string }
	/** Something on the desktop is amiss: nothing more is begun until a person has seen to it. */
	| { type: "stuck"; failure: Failure }
	/** Appliances are not in the fleet any more. */
	| { type: "removed"; applianceIds: string[] }
	/** Time has passed. */
	| { type: "tick" }
	| RolloutWish

/**
 * A rollout after an event at a moment (milliseconds since 1970). Pure: the caller writes the result to disk, and only then
 * acts on it (`findNext`). An event that does not fit changes nothing, so that one told twice does no harm.
 */
export function step(rollout: Rollout, event: RolloutEvent, at: number): Rollout {
	return settle(take(rollout, event, at), at)
}

function take(rollout: Rollout, event: RolloutEvent, at: number): Rollout {
	switch (event.type) {
		case "started": {
			const runs = new Map(event.runs.map(({ applianceId, run }) => [applianceId, run]))
			return withTargets(rollout, (target) => begin(target, runs.get(target.applianceId), at))
		}
		case "run-ended":
			return withTargets(soakAnew(forget(rollout, event), event), (target) =>
				isOf(target.standing, event.run) ? end(rollout, target, target.standing, event.end, at) : target,
			)
		case "undo-started": {
			const runs = new Map(event.runs.map((one) => [one.applianceId, one]))
			return withTargets(rollout, (target) => beginUndo(target, runs.get(target.applianceId), at))
		}
		case "undo-ended":
			return withApplied(forget(rollout, event), (applied) =>
				isOf(applied.undo, event.run) ? endUndo(rollout, applied, event.end, at) : applied,
			)
		case "lost":
			return withAttempt(rollout, event, ["started"], {
				state: "lost",
				run: event.run,
				since: at,
				failure: event.failure,
			})
		case "found":
			return withAttempt(rollout, event, ["started", "lost", "expired", "failed"], {
				state: "started",
				run: event.run,
				since: at,
			})
		case "stuck":
			return stick(rollout, event.failure)
		case "tick":
			return rollout
		case "removed":
		case "skip": {
			const skipped = new Set(event.applianceIds)
			return withTargets(rollout, (target) => (skipped.has(target.applianceId) ? skip(target) : target))
		}
		default:
			return decide(rollout, event, at)
	}
}

/** Whether a run is, or may still turn out to be, under way under this id. */
function isOf<One extends Standing | Undo>(one: One | undefined, run: string): one is One & { run: string } {
	if (!one || !("run" in one) || one.run !== run) return false
	return one.state !== "ended"
}

/** The run or undoing of this id, where it stands `from`, stands otherwise. */
function withAttempt(rollout: Rollout, { run }: { run: string }, from: string[], to: Standing & Undo): Rollout {
	const isMeant = (one: Standing | Undo | undefined) => isOf(one, run) && from.includes(one.state)
	const moved = withTargets(rollout, (target) => (isMeant(target.standing) ? { ...target, standing: to } : target))
	return withApplied(moved, (applied) => (isMeant(applied.undo) ? { ...applied, undo: to } : applied))
}

/** One whose run is lost is given up: should it come to an end after all, that counts. */
function skip(target: RolloutTarget): RolloutTarget {
	const { standing } = target
	if (standing.state === "waiting" || standing.state === "pending") return { ...target, standing: { state: "skipped" } }
	// Its patience is over with this attempt; should it be heard of, it runs.
	if (isTriedAgain(standing)) return { ...target, standing: { ...standing, since: Number.MIN_SAFE_INTEGER } }
	if (standing.state !== "lost") return target
	return { ...target, standing: { state: "expired", run: standing.run, failure: standing.failure } }
}

function stick(rollout: Rollout, failure: Failure): Rollout {
	const { state } = rollout.status
	if (isBeginning(rollout)) return { ...rollout, status: { state: "paused", why: "desktop", failure } }
	return state === "undoing" ? { ...rollout, status: { state: "undo-paused", why: "desktop", failure } } : rollout
}

/** Whoever was accepted as absent, or as not put back, and has come to an end after all counts anew. */
function forget(rollout: Rollout, { run, end }: { run: string; end: RunEnd | UndoEnd }): Rollout {
	if (end.state === "unreachable" || end.state === "not-asked") return rollout
	const target = rollout.targets.find(
		({ standing, applied }) => isOf(standing, run) || applied.some(({ undo }) => isOf(undo, run)),
	)
	if (!target || !rollout.borne.includes(target.applianceId)) return rollout
	return { ...rollout, borne: rollout.borne.filter((id) => id !== target.applianceId) }
}

/** Somebody of the wave has come to an end: what a soak waits for begins again. */
function soakAnew(rollout: Rollout, { run, end }: { run: string; end: RunEnd }): Rollout {
	const { status, targets } = rollout
	const isOfWave = targets.some(({ wave, standing }) => wave === rollout.wave && isOf(standing, run))
	if (end.state !== "ended" || !isOfWave) return rollout
	if (status.state === "gate" && status.until !== undefined) return { ...rollout, status: { state: "running" } }
	if (status.state !== "running" || status.gate?.until === undefined) return rollout
	const { until: _, ...gate } = status.gate
	return { ...rollout, status: { state: "running", gate } }
}

function begin(target: RolloutTarget, run: string | undefined, at: number): RolloutTarget {
	const { standing } = target
	if (run === undefined) return target
	if (standing.state === "waiting") return { ...target, standing: { state: "started", run, since: at } }
	if (standing.state !== "pending") return target
	const { since, failure } = standing
	return { ...target, standing: { state: "started", run, since, failure } }
}

function end(
	{ policy }: Rollout,
	target: RolloutTarget,
	standing: Standing & { run: string },
	end: RunEnd,
	at: number,
): RolloutTarget {
	if (end.state === "ended") {
		const { outcome, failure } = end
		// A pool that is applied once more stands on what the run before had written: both are to be undone.
		const applied = [...target.applied, ...end.applied]
		return { ...target, standing: { state: "ended", run: standing.run, outcome, ...(failure && { failure }) }, applied }
	}
	// It never began, and nobody waits for it any more.
	if (standing.state === "expired") return { ...target, standing: { state: "expired", failure: standing.failure } }
	if (end.state !== "not-asked") return { ...target, standing: later(standing, end.failure, policy, at) }
	return { ...target, standing: notTried(standing, at) ?? { state: "waiting" } }
}

/** As it was before an attempt that nobody made, where it had been away: due at once, its patience as it was. */
function notTried(one: Standing | Undo | undefined, at: number) {
	if (one?.state !== "started" || !one.failure) return undefined
	return { state: "pending" as const, since: one.since, retryAt: at, failure: one.failure }
}

/** Patience counts from the first attempt. */
function later(one: Standing | Undo, failure: Failure, { unreachable }: RolloutPolicy, at: number) {
	const retryAt = at + unreachable.retrySeconds * 1000
	return { state: "pending" as const, since: "since" in one ? one.since : at, retryAt, failure }
}

function beginUndo(target: RolloutTarget, asked: { pool: string; run: string } | undefined, at: number): RolloutTarget {
	const last = findUndoable(target)
	if (!asked || !last || last.pool !== asked.pool || isBusy(target)) return target
	if (last.undo !== undefined && last.undo.state !== "pending") return target
	const { since = at, failure } = last.undo ?? {}
	const undo = { state: "started" as const, run: asked.run, since, ...(failure && { failure }) }
	return { ...target, applied: target.applied.map((one) => (one === last ? { ...one, undo } : one)) }
}

function endUndo({ policy }: Rollout, applied: AppliedPool, end: UndoEnd, at: number): AppliedPool {
	const { undo, ...before } = applied
	if (end.state === "undone") return { ...before, undo: { state: "undone" } }
	if (end.state === "failed") return { ...before, undo: { ...end } }
	if (undo === undefined) return applied
	// It never began, and nobody waits for it any more.
	if (undo.state === "failed")
		return { ...before, undo: { state: "failed", ...(undo.failure && { failure: undo.failure }) } }
	if (end.state !== "not-asked") return { ...before, undo: later(undo, end.failure, policy, at) }
	const again = notTried(undo, at)
	return again ? { ...before, undo: again } : before
}
