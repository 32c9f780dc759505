import type { Reason } from "../../schema/outcome.ts"
import { inPhase } from "../pool/in-phase.ts"
import type { PoolWork } from "../pool/pool-work.ts"
import { runList } from "./run-list.ts"

/** Phase 5: the commands that prove the pool works. Run again as `reclosure` after a restore. */
export function closure(work: PoolWork): Promise<Reason | undefined> {
	const { scope, pool, closure: commands, timeoutSeconds, redact } = work
	work.hasRunCommands = true
	const list = { pool, phase: "closure", commands, timeoutSeconds, redact } as const
	return inPhase(scope, pool, "closure", () => runList(scope, list))
}
