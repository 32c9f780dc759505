import type { Phase, Reason } from "../../schema/outcome.ts"
import { JournalLost } from "../journal/journal.ts"
import type { RunScope } from "../run/run-scope.ts"
import { errorReason } from "./reason.ts"

/**
 * Runs one phase between its two events; whatever it throws becomes its reason. Only a journal that is lost goes on
 * upwards: then nothing more may be done.
 */
export async function inPhase(
	scope: RunScope,
	pool: string | undefined,
	phase: Phase,
	step: () => Promise<Reason | undefined>,
): Promise<Reason | undefined> {
	const inPool = pool === undefined ? { phase } : { pool, phase }
	const startedAt = scope.host.clock.monotonic()
	scope.emit({ type: "phase-started", ...inPool })
	await scope.journal.note({ type: "phase", ...inPool })
	const reason = await attempt(phase, step)
	const durationMs = Math.round(scope.host.clock.monotonic() - startedAt)
	scope.emit({ type: "phase-finished", ...inPool, ok: reason === undefined, durationMs })
	return reason
}

async function attempt(phase: Phase, step: () => Promise<Reason | undefined>): Promise<Reason | undefined> {
	try {
		return await step()
	} catch (error) {
		if (error instanceof JournalLost) throw error
		return errorReason(phase, error)
	}
}
