import { DEFAULT_TIMEOUT_SECONDS, type Module } from "../../schema/module.ts"
import type { FinalClosure } from "../../schema/outcome.ts"
import { runList } from "../phases/run-list.ts"
import { inPhase } from "../pool/in-phase.ts"
import { type EngineState, isApplied } from "../state/state.ts"
import type { OpenRun } from "./open-run.ts"

/** Proves the whole system, when every enabled pool stands applied at this version. Nothing is rolled back for it. */
export async function runFinalClosure(
	scope: OpenRun,
	module: Module,
	state: EngineState,
	timeoutSeconds: number | undefined,
): Promise<FinalClosure> {
	const why = whyNot(scope, module, state)
	const finalClosure =
		why === undefined ? await run(scope, module, timeoutSeconds) : ({ outcome: "not-run", why } as const)
	scope.emit({ type: "final-closure", ...finalClosure })
	return finalClosure
}

async function run(scope: OpenRun, module: Module, timeoutSeconds = DEFAULT_TIMEOUT_SECONDS): Promise<FinalClosure> {
	const list = { phase: "final-closure", commands: module.finalClosure, timeoutSeconds } as const
	const reason = await inPhase(scope, undefined, "final-closure", () => runList(scope, list))
	return reason ? { outcome: "failed", reason } : { outcome: "passed" }
}

function whyNot(scope: OpenRun, module: Module, state: EngineState): string | undefined {
	if (module.finalClosure.length === 0) return "the module has none"
	if (scope.kind === "rehearse") return "a rehearsal puts every pool back"
	if (scope.cancelled.aborted) return "the run was cancelled"
	const waiting = module.pools.filter((pool) => pool.enabled && !isApplied(state, scope.module, pool.id))
	return waiting.length === 0 ? undefined : `not applied: ${waiting.map(({ id }) => id).join(", ")}`
}
