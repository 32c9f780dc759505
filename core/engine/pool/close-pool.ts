import type { PoolOutcome, Reason } from "../../schema/outcome.ts"
import { CommitFailed, JournalLost } from "../journal/journal.ts"
import type { RunScope } from "../run/run-scope.ts"

export interface ClosedPool {
	pool: string
	outcome: PoolOutcome
	reason?: Reason
}

/**
 * Closes a pool: from here on nothing undoes it. A pool that is back as it was, but whose end cannot be written, stays
 * open in the journal; recovery then finds it restored, restores it once more, and closes it.
 */
export async function closePool(scope: RunScope, closed: ClosedPool, startedAt?: number): Promise<PoolOutcome> {
	try {
		await commitPool(scope, closed)
	} catch (error) {
		throw error instanceof CommitFailed ? new JournalLost(error.message, { cause: error.cause }) : error
	}
	tellPool(scope, closed, startedAt)
	return closed.outcome
}

/** The one commit point of a pool. Throws `CommitFailed` when it is certainly not on disk. */
export async function commitPool(scope: RunScope, closed: ClosedPool): Promise<void> {
	await scope.journal.commit({ type: "pool-closed", ...closed, at: new Date(scope.host.clock.now()).toISOString() })
}

export function tellPool(scope: RunScope, closed: ClosedPool, startedAt?: number): void {
	const { clock } = scope.host
	const duration = startedAt === undefined ? {} : { durationMs: Math.round(clock.monotonic() - startedAt) }
	scope.emit({ type: "pool-finished", ...closed, ...duration })
}
