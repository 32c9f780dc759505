import type { Reason } from "../../schema/outcome.ts"
import { inPhase } from "../pool/in-phase.ts"
import type { PoolWork } from "../pool/pool-work.ts"
import { runList } from "./run-list.ts"

/** Phase 2: the checks before anything is touched. Red means that it was broken before us. */
export function baseline(work: PoolWork): Promise<Reason | undefined> {
	return runChecks(work, "baseline")
}

/** Phase 6: the same checks after the closure. */
export function checks(work: PoolWork): Promise<Reason | undefined> {
	return runChecks(work, "checks")
}

async function runChecks(work: PoolWork, phase: "baseline" | "checks"): Promise<Reason | undefined> {
	const { scope, pool, checks: commands, timeoutSeconds, redact } = work
	if (commands.length === 0) return undefined
	return inPhase(scope, pool, phase, () => runList(scope, { pool, phase, commands, timeoutSeconds, redact }))
}
