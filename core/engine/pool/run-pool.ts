import type { Phase, PoolOutcome, Reason } from "../../schema/outcome.ts"
import type { BackupManifest } from "../backup/manifest.ts"
import { CommitFailed } from "../journal/journal.ts"
import { apply } from "../phases/apply.ts"
import { backup } from "../phases/backup.ts"
import { baseline, checks } from "../phases/baseline.ts"
import { closure } from "../phases/closure.ts"
import { confirm } from "../phases/confirm.ts"
import { describeLeft, leaveTheirs } from "../phases/leave-theirs.ts"
import { backupChanged, modify } from "../phases/modify.ts"
import { preflight } from "../phases/preflight.ts"
import { reclosure, restore } from "../phases/restore.ts"
import type { RunScope } from "../run/run-scope.ts"
import { closePool, commitPool, tellPool } from "./close-pool.ts"
import type { PoolTask, PoolWork } from "./pool-work.ts"
import { errorReason, withFaults, withLeft } from "./reason.ts"

/** In this order. */
const beforeTouching = { preflight, baseline, backup }
const changing = { apply: modify, backup: backupChanged }
const underBackup = { apply, closure, checks, confirm }

/** One pool as one transaction (specification, "Transaction Flow"; DESIGN §4). */
export async function runPool(scope: RunScope, task: PoolTask): Promise<PoolOutcome> {
	const work: PoolWork = { ...task, scope, destinations: [], begun: new Set() }
	const startedAt = scope.host.clock.monotonic()
	const { pool } = work
	const unopened = await open(work)
	// Only now: a beginning that was told has an end, whatever happens, because recovery knows of it.
	if (!unopened) scope.emit({ type: "pool-started", pool })
	// Cancelled before the first write: nothing to put back, no service to restart.
	const untouched = unopened ?? (await runPhases(work, beforeTouching)) ?? cancelledBefore(work, "apply")
	if (untouched) return closePool(scope, { pool, outcome: "failed", reason: untouched }, startedAt)

	const isRehearsal = scope.kind === "rehearse"
	const reason =
		(await runPhases(work, isModified(work) ? changing : {})) ??
		(await runPhases(work, underBackup)) ??
		(isRehearsal ? undefined : await commit(work))
	if (!reason && !isRehearsal) {
		tellPool(scope, { pool, outcome: "applied" }, startedAt)
		return "applied"
	}
	return closePool(scope, { pool, ...(await goBack(work, reason)) }, startedAt)
}

/** Restore and closure again; a rehearsal that passed both ways counts as applied. */
async function goBack(work: PoolWork, reason?: Reason): Promise<{ outcome: PoolOutcome; reason?: Reason }> {
	const { scope, manifest, original } = work
	if (!manifest) throw new Error("cannot restore a pool without a complete backup")
	if (reason && !work.hasRunCommands) await leaveTheirs(scope, manifest, work.begun)
	const left = describeLeft(scope.journal.records, work.pool)
	const why = original ? await goBackToChanged(scope, manifest, reason) : reason
	const faults = await putBack(scope, original ?? manifest)
	if (!why && faults.length === 0) return { outcome: "applied" }
	const because = why ?? { phase: "restore", message: "the rehearsal could not be put back" }
	return { outcome: faults.length === 0 ? "failed" : "degraded", reason: withFaults(withLeft(because, left), faults) }
}

/** What the rehearsal proves with the files it changed itself; whatever comes of it, the true originals come back. */
async function goBackToChanged(scope: RunScope, changed: BackupManifest, reason?: Reason): Promise<Reason | undefined> {
	const restored = await restore(scope, changed)
	const faults = [...restored, ...(await reclosure(scope, changed))]
	if (faults.length === 0) return reason
	const phase = restored.length > 0 ? "restore" : "reclosure"
	return withFaults(reason ?? { phase, message: "the way back does not work on changed files" }, faults)
}

async function putBack(scope: RunScope, manifest: BackupManifest): Promise<string[]> {
	return [...(await restore(scope, manifest)), ...(await reclosure(scope, manifest))]
}

/** Without any file there is nothing to change; that is said, because it was asked for. */
function isModified({ scope, pool, modify, manifest }: PoolWork): boolean {
	if (!modify) return false
	if (manifest?.entries.some(({ before }) => before.kind === "file")) return true
	const message = "no destination exists yet: there is nothing to change before the rehearsal"
	scope.emit({ type: "warning", pool, phase: "backup", message })
	return false
}

/** One phase after the other until one gives a reason to stop. Between phases a run can be cancelled. */
async function runPhases(
	work: PoolWork,
	phases: Partial<Record<Phase, (work: PoolWork) => Promise<Reason | undefined>>>,
): Promise<Reason | undefined> {
	for (const [phase, run] of Object.entries(phases) as [Phase, (work: PoolWork) => Promise<Reason | undefined>][]) {
		const reason = cancelledBefore(work, phase) ?? (await run(work))
		if (reason) return reason
	}
	return undefined
}

function cancelledBefore({ scope }: PoolWork, phase: Phase): Reason | undefined {
	return scope.cancelled.aborted ? { phase, message: "the run was cancelled" } : undefined
}

function open({ scope, pool }: PoolWork): Promise<Reason | undefined> {
	const at = new Date(scope.host.clock.now()).toISOString()
	return commitOr("preflight", () => scope.journal.commit({ type: "pool-open", pool, at }))
}

/** Applied is what the journal says is applied. */
function commit({ scope, pool }: PoolWork): Promise<Reason | undefined> {
	return commitOr("closure", () => commitPool(scope, { pool, outcome: "applied" }))
}

/** A commit that certainly failed is a reason to go back; one of which nobody knows ends the run. */
async function commitOr(phase: Phase, write: () => Promise<void>): Promise<Reason | undefined> {
	try {
		await write()
		return undefined
	} catch (error) {
		if (error instanceof CommitFailed) return errorReason(phase, error)
		throw error
	}
}
