import type { Failure } from "../../schema/failure.ts"
import type { PoolOutcome } from "../../schema/outcome.ts"
import type { AppliedPool, Rollout, RolloutTarget, RolloutWish, Standing } from "../../schema/rollout.ts"
import { findCounted, hasFailed, isBusy, isStuck } from "./budget.ts"
import { settle } from "./settle.ts"

/** What becomes of a run on an appliance. */
export type RunEnd =
	| { state: "ended"; outcome: PoolOutcome; applied: string[]; failure?: Failure }
	/** It could not be reached, or another run was under way there: later. */
	| { state: "unreachable"; failure: Failure }
	/** Nobody ever asked the appliance for it. */
	| { state: "not-asked" }

export type RolloutEvent =
	/** Runs are about to be asked for, under these ids of the desktop's. */
	| { type: "started"; runs: { applianceId: string; run: string }[] }
	| { type: "run-ended"; run: string; end: RunEnd }
	| { type: "undo-started"; runs: { applianceId: string; pool: string; run: string }[] }
	| { type: "undo-ended"; run: string; end: { state: "undone" | "failed"; failure?: Failure } | { state: "not-asked" } }
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
			return withTargets(forget(rollout, event), (target) =>
				target.standing.state === "started" && target.standing.run === event.run
					? end(rollout, target, target.standing, event.end, at)
					: target,
			)
		case "undo-started": {
			const runs = new Map(event.runs.map((one) => [one.applianceId, one]))
			return withTargets(rollout, (target) => beginUndo(target, runs.get(target.applianceId)))
		}
		case "undo-ended":
			return withApplied(rollout, (applied) =>
				applied.undo?.state === "started" && applied.undo.run === event.run ? endUndo(applied, event.end) : applied,
			)
		case "tick":
			return rollout
		case "skip": {
			const skipped = new Set(event.applianceIds)
			return withTargets(rollout, (target) =>
				skipped.has(target.applianceId) && (target.standing.state === "waiting" || target.standing.state === "pending")
					? { ...target, standing: { state: "skipped" } }
					: target,
			)
		}
		default:
			return decide(rollout, event.type)
	}
}

/** Whoever was accepted as absent and has come to an end after all counts anew. */
function forget(rollout: Rollout, { run, end }: Extract<RolloutEvent, { type: "run-ended" }>): Rollout {
	if (end.state !== "ended") return rollout
	const target = rollout.targets.find(({ standing }) => standing.state === "started" && standing.run === run)
	return { ...rollout, borne: rollout.borne.filter((id) => id !== target?.applianceId) }
}

function begin(target: RolloutTarget, run: string | undefined, at: number): RolloutTarget {
	const { standing } = target
	if (run === undefined) return target
	if (standing.state === "waiting") return { ...target, standing: { state: "started", run, since: at } }
	if (standing.state !== "pending") return target
	return { ...target, standing: { state: "started", run, since: standing.since } }
}

function end(
	{ policy }: Rollout,
	target: RolloutTarget,
	{ run, since }: Extract<Standing, { state: "started" }>,
	end: RunEnd,
	at: number,
): RolloutTarget {
	if (end.state === "not-asked") return { ...target, standing: { state: "waiting" } }
	if (end.state === "unreachable") {
		const { failure } = end
		return {
			...target,
			standing: { state: "pending", since, retryAt: at + policy.unreachable.retrySeconds * 1000, failure },
		}
	}
	const { outcome, failure } = end
	// A pool that is applied once more stands on what the run before had written: both are to be undone.
	const applied = [...target.applied, ...end.applied.map((pool) => ({ pool, run }))]
	return { ...target, standing: { state: "ended", run, outcome, ...(failure && { failure }) }, applied }
}

function beginUndo(target: RolloutTarget, asked: { pool: string; run: string } | undefined): RolloutTarget {
	const last = target.applied.findLastIndex(({ undo }) => undo === undefined)
	if (!asked || target.applied[last]?.pool !== asked.pool || isBusy(target)) return target
	const undo = { state: "started", run: asked.run } as const
	return { ...target, applied: target.applied.map((one, index) => (index === last ? { ...one, undo } : one)) }
}

function endUndo(applied: AppliedPool, end: Extract<RolloutEvent, { type: "undo-ended" }>["end"]): AppliedPool {
	const { undo: _, ...before } = applied
	if (end.state === "not-asked") return before
	if (end.state === "undone") return { ...before, undo: { state: "undone" } }
	return { ...before, undo: { state: "failed", ...(end.failure && { failure: end.failure }) } }
}

/** What a person decides. */
function decide(rollout: Rollout, what: "pause" | "go-on" | "halt" | "retry" | "undo"): Rollout {
	const { status } = rollout
	const isUndoing = status.state === "undoing" || status.state === "undo-paused"
	switch (what) {
		case "pause":
			if (status.state === "undoing") return { ...rollout, status: { state: "undo-paused", why: "person" } }
			return status.state === "running" || status.state === "gate"
				? { ...rollout, status: { state: "paused", why: "person" } }
				: rollout
		case "go-on":
			if (status.state === "undo-paused") return bear({ ...rollout, status: { state: "undoing" } })
			if (status.state === "gate") return bear(nextWave(rollout))
			return status.state === "paused" ? bear({ ...rollout, status: { state: "running" } }) : rollout
		case "halt":
			if (status.state === "undoing") return { ...rollout, status: { state: "undo-paused", why: "person" } }
			return isUndoing || status.state === "undone" || status.state === "finished"
				? rollout
				: { ...rollout, status: { state: "halted" } }
		case "retry":
			return isUndoing || status.state === "undone" ? retryUndo(rollout) : retry(rollout)
		case "undo":
			return isUndoing || status.state === "undone" ? rollout : { ...rollout, status: { state: "undoing" }, borne: [] }
	}
}

/** Degraded ones are no matter for a retry: a person must look, and say that it may go on all the same. */
function retry(rollout: Rollout): Rollout {
	const isMeant = (target: RolloutTarget) =>
		target.standing.state === "expired" ||
		(hasFailed(target) && !(target.standing.state === "ended" && target.standing.outcome === "degraded"))
	const meant = new Set(rollout.targets.filter(isMeant).map(({ applianceId }) => applianceId))
	const again = withTargets(rollout, (target) =>
		meant.has(target.applianceId) ? { ...target, standing: { state: "waiting" } } : target,
	)
	return { ...again, status: { state: "running" }, borne: rollout.borne.filter((id) => !meant.has(id)) }
}

function retryUndo(rollout: Rollout): Rollout {
	const again = withApplied(rollout, (applied) => {
		const { undo, ...stands } = applied
		return undo?.state === "failed" ? stands : applied
	})
	return { ...again, status: { state: "undoing" } }
}

/** Going on accepts what has failed so far. */
function bear(rollout: Rollout): Rollout {
	return { ...rollout, borne: [...new Set([...rollout.borne, ...findCounted(rollout), ...failedUndos(rollout)])] }
}

function failedUndos({ targets, status }: Rollout): string[] {
	if (status.state !== "undoing") return []
	return targets.filter(isStuck).map(({ applianceId }) => applianceId)
}

function nextWave(rollout: Rollout): Rollout {
	return { ...rollout, wave: rollout.wave + 1, status: { state: "running" } }
}

function withTargets(rollout: Rollout, change: (target: RolloutTarget) => RolloutTarget): Rollout {
	return { ...rollout, targets: rollout.targets.map(change) }
}

/** A target that does not change stays the same object: only those that do are written to disk. */
function withApplied(rollout: Rollout, change: (applied: AppliedPool, target: RolloutTarget) => AppliedPool): Rollout {
	return withTargets(rollout, (target) => {
		const applied = target.applied.map((one) => change(one, target))
		return applied.some((one, index) => one !== target.applied[index]) ? { ...target, applied } : target
	})
}
