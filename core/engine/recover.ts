import type { PoolOutcome } from "../schema/outcome.ts"
import type { EngineOptions, RecoverContext } from "./engine.ts"
import type { Host } from "./host.ts"

export interface RecoveredRun {
	run: string
	outcome: PoolOutcome
}

/**
 * Ends every run whose runner died: its open pool is put back, its record completed. May be cut short at any moment and
 * repeated. Fails with `busy` while another run holds the lock.
 */
export async function recoverRuns(
	host: Host,
	options: EngineOptions,
	context?: RecoverContext,
): Promise<RecoveredRun[]> {
	throw new Error(`cannot recover yet: ${[host, options, context].length}`)
}
