import { writeRecord } from "../chain/write-record.ts"
import { meaningOf } from "../disk/disk-error.ts"
import { logWarning } from "../log/standard-log.ts"
import { readState } from "../state/state-file.ts"
import { leaveReceipt } from "./leave-receipt.ts"
import type { OpenRun, RunEnd } from "./open-run.ts"
import { pruneRecords } from "./prune-records.ts"

/**
 * A settled run's end: its last event, its record and receipt, the journal's end, and only then the clearing up. When the disk does
 * not take one of them, the journal stays hot and the next recovery does the rest; what the pools came to stands.
 */
export async function finishRun(scope: OpenRun, end: RunEnd): Promise<void> {
	const { host, layout, run, events, journal } = scope
	try {
		await scope.finish(end)
		const seal = events.history && (await writeRecord(host, layout, events.history))
		await leaveReceipt(scope)
		await journal.commit({
			type: "run-closed",
			...end,
			...(seal ? { seal } : {}),
			at: new Date(host.clock.now()).toISOString(),
		})
		scope.openRuns.delete(run)
		await clearUp(scope)
	} catch (error) {
		await logWarning(
			host,
			scope.options,
			`the run's end could not be recorded, the next run or recover does it: ${meaningOf(error)}`,
		)
	}
}

/** Clean-up is not undo: nothing here touches what a run that is still open may need. */
async function clearUp(scope: OpenRun): Promise<void> {
	const { host, layout, stateManager } = scope
	try {
		const { state } = await readState(host, layout)
		const pools = Object.values(state.modules).flatMap((module) => Object.entries(module.pools))
		await stateManager.prune((pool) =>
			pools
				.filter(([name]) => name === pool)
				.flatMap(([, { run, appliedRun }]) => [run, ...(appliedRun ? [appliedRun] : [])]),
		)
		await pruneRecords(host, layout)
	} catch (error) {
		await logWarning(host, scope.options, `old backups and records could not be removed: ${meaningOf(error)}`)
	}
}
