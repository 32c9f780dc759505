import type { RunKind } from "../../schema/event.ts"
import { DEFAULT_TIMEOUT_SECONDS, type Module } from "../../schema/module.ts"
import type { FinalClosure } from "../../schema/outcome.ts"
import { runList } from "../phases/run-list.ts"
import { inPhase } from "../pool/in-phase.ts"
import { type EngineState, isApplied } from "../state/state.ts"
import type { OpenRun } from "./open-run.ts"

/** The pools it waits for: the module's enabled ones; undefined when it does not run whatever becomes of them. */
export function finalClosureOf(module: Module, kind: RunKind): string[] | undefined {
	if (module.finalClosure.length === 0 || kind === "rehearse") return undefined
	return module.pools.filter(({ enabled }) => enabled).map(({ id }) => id)
}

/** Proves the whole system, when every enabled pool stands applied at this version. Nothing is rolled back for it. */
export async function runFinalClosure(
	scope: OpenRun,
	module: Module,
	state: EngineState,
	timeoutSeconds: number | undefined,
): Promise<FinalClosure> {
	const why = whyNot(scope, module, state)
	const finalClosure = why === undefined ? await runDue(scope, module, timeoutSeconds) : notRun(why)
	scope.emit({ type: "final-closure", ...finalClosure })
	return finalClosure
}

/** What recovery says of the final closure: one that was due and whose end nobody knows has not proved the system. */
export function interruptedFinalClosure(scope: OpenRun, state: EngineState): FinalClosure {
	const open = scope.journal.records[0]
	const pools = open?.type === "run-open" ? open.finalClosureOf : undefined
	if (!pools) return notRun("the run was interrupted")
	const why = whyWaiting(scope, pools, state)
	return why === undefined ? cutShort("the run was interrupted") : notRun(why)
}

async function runDue(scope: OpenRun, module: Module, timeoutSeconds?: number): Promise<FinalClosure> {
	return scope.cancelled.aborted ? cutShort("the run was cancelled") : run(scope, module, timeoutSeconds)
}

async function run(scope: OpenRun, module: Module, timeoutSeconds = DEFAULT_TIMEOUT_SECONDS): Promise<FinalClosure> {
	const redact = [...new Set(module.pools.flatMap((pool) => pool.redact))]
	const list = { phase: "final-closure", commands: module.finalClosure, timeoutSeconds, redact } as const
	const reason = await inPhase(scope, undefined, "final-closure", () => runList(scope, list))
	return reason ? { outcome: "failed", reason } : { outcome: "passed" }
}

function whyNot(scope: OpenRun, module: Module, state: EngineState): string | undefined {
	if (module.finalClosure.length === 0) return "the module has none"
	const pools = finalClosureOf(module, scope.kind)
	return pools ? whyWaiting(scope, pools, state) : "a rehearsal puts every pool back"
}

function whyWaiting({ module }: OpenRun, pools: string[], state: EngineState): string | undefined {
	const waiting = pools.filter((pool) => !isApplied(state, module, pool))
	return waiting.length === 0 ? undefined : `not applied: ${waiting.join(", ")}`
}

function notRun(why: string): FinalClosure {
	return { outcome: "not-run", why }
}

function cutShort(message: string): FinalClosure {
	return { outcome: "failed", reason: { phase: "final-closure", message } }
}
