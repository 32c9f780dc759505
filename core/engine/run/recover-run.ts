import { FailureError } from "../../schema/failure.ts"
import { type FinalClosure, type Phase, type PoolOutcome, type Reason, worstOutcome } from "../../schema/outcome.ts"
import { findLostMounts } from "../backup/lost-mounts.ts"
import { readManifest } from "../backup/manifest-file.ts"
import { openJournal } from "../journal/journal.ts"
import { type JournalRecord, originOf, type PoolClosed } from "../journal/records.ts"
import { describeLeft } from "../phases/leave-theirs.ts"
import { reclosure, restore } from "../phases/restore.ts"
import { closePool, tellPool } from "../pool/close-pool.ts"
import { withFaults, withLeft } from "../pool/reason.ts"
import { settleRun } from "../state/settle.ts"
import type { EngineState } from "../state/state.ts"
import { openRunFailure } from "../state/state-failure.ts"
import { readOwnState } from "../state/state-file.ts"
import { interruptedFinalClosure } from "./final-closure.ts"
import { finishRun } from "./finish-run.ts"
import { type LockedBase, type OpenRun, openRun, type RunCaller } from "./open-run.ts"

/**
 * Ends a run whose runner died, from its journal alone, under the lock. Cut short anywhere, it can be done again: every
 * step either is not yet in the journal, or is skipped.
 */
export async function recoverRun(
	base: LockedBase,
	run: string,
	caller: RunCaller,
): Promise<{ outcome: PoolOutcome; finalClosure: FinalClosure; end(): Promise<void> }> {
	const path = base.layout.run(run).journal
	const journal = await openJournal(base.host, path)
	if (!journal) throw new FailureError("state-damaged", { path, reason: `nobody can tell what run ${run} had begun` })
	const scope = await openRun(base, journal, caller)
	try {
		tellBeginning(scope)
		await endLeftovers(scope)
		for (const pool of openPools(journal.records)) await recoverPool(scope, pool, caller)
		const { state } = await readOwnState(base.host, base.layout)
		const settled = await settleRun(base.host, base.layout, state, journal.records)
		const outcome = outcomeOf(scope)
		const finalClosure = tellFinalClosure(scope, settled)
		await finishRun(scope, { outcome, finalClosure, interrupted: true })
		return { outcome, finalClosure, end: scope.end }
	} catch (error) {
		await scope.end()
		throw openRunFailure(error)
	}
}

/** What the dead runner had put into the journal, but not into its events. */
function tellBeginning(scope: OpenRun): void {
	const open = scope.journal.records[0]
	if (open?.type !== "run-open") return
	const { kind, module, pools } = open
	if (!scope.events.history) scope.emit({ type: "run-started", kind, module, pools, ...originOf(open) })
	for (const record of scope.journal.records) {
		if (record.type !== "pool-closed" || scope.events.finishedPools.has(record.pool)) continue
		const { pool, outcome, reason } = record
		tellPool(scope, { pool, outcome, ...(reason ? { reason } : {}) })
	}
}

function openPools(records: readonly JournalRecord[]): string[] {
	const closed = new Set(records.filter((record) => record.type === "pool-closed").map(({ pool }) => pool))
	return records
		.filter((record) => record.type === "pool-open")
		.map(({ pool }) => pool)
		.filter((pool) => !closed.has(pool))
}

/** A pool without a complete backup touched nothing. With one, it goes back, whatever it had done. */
async function recoverPool(scope: OpenRun, pool: string, { awaitDisks }: RunCaller): Promise<void> {
	const { host, layout, run, journal } = scope
	const reason: Reason = { phase: lastPhase(journal.records, pool), message: "the run was interrupted" }
	const backup = journal.records.find((record) => record.type === "backup-complete" && record.pool === pool)
	if (backup?.type !== "backup-complete") {
		await closePool(scope, { pool, outcome: "failed", reason })
		return
	}
	const read = await readManifest(host, layout, pool, run, backup.manifest)
	if ("manifest" in read && awaitDisks) {
		const { manifest } = read
		await awaitDisks(async () => (await findLostMounts(host, manifest)).length === 0)
	}
	const faults =
		"fault" in read
			? [`nothing could be restored: ${read.fault}`]
			: [...(await restore(scope, read.manifest)), ...(await reclosure(scope, read.manifest))]
	const outcome = faults.length === 0 ? "failed" : "degraded"
	const whole = withLeft(reason, describeLeft(journal.records, pool))
	await closePool(scope, { pool, outcome, reason: withFaults(whole, faults) })
}

/**
 * Commands of the dead runner that still run would go on changing what is being restored. What a list that came to its end
 * left behind lives on: a daemon of a pool that is closed is the appliance's.
 */
async function endLeftovers({ host, journal, events }: OpenRun): Promise<void> {
	const open = openPools(journal.records)
	const isOpen = (pool: string | undefined) =>
		pool === undefined ? !events.history?.finalClosure : open.includes(pool)
	const marks = journal.records.flatMap((record) =>
		record.type === "phase" && record.mark && isOpen(record.pool) ? [record.mark] : [],
	)
	for (const mark of marks) await host.shell.endMarked(mark)
}

/** Notes are not synced: a crash may lose the newest. Once the backup is complete, files may have been replaced. */
function lastPhase(records: readonly JournalRecord[], pool: string): Reason["phase"] {
	const isBackedUp = records.some((record) => record.type === "backup-complete" && record.pool === pool)
	const known = isBackedUp ? phasesUnderBackup : phasesBefore
	const phases = records.flatMap((record) => (record.type === "phase" && record.pool === pool ? [record.phase] : []))
	return phases.findLast((phase) => known.includes(phase)) ?? (isBackedUp ? "apply" : "preflight")
}

/** Without the way back that another recovery may have begun: the reason is the phase that was cut short first. */
const phasesBefore: readonly Phase[] = ["preflight", "baseline", "backup"]
const phasesUnderBackup: readonly Phase[] = ["apply", "closure", "checks", "confirm"]

/** A pool that the run never came to counts as failed: the run did not do what it was asked to. */
function outcomeOf({ journal }: OpenRun): PoolOutcome {
	const open = journal.records[0]
	const closed = new Map(
		journal.records
			.filter((record): record is PoolClosed => record.type === "pool-closed")
			.map((record) => [record.pool, record.outcome]),
	)
	return worstOutcome(open?.type === "run-open" ? open.pools.map((pool) => closed.get(pool) ?? "failed") : [])
}

function tellFinalClosure(scope: OpenRun, state: EngineState): FinalClosure {
	const told = scope.events.history?.finalClosure
	if (told) return told
	const finalClosure = interruptedFinalClosure(scope, state)
	scope.emit({ type: "final-closure", ...finalClosure })
	return finalClosure
}
