import type { EngineOptions, EngineRunRequest, ModuleOnHost, RunContext, RunResult } from "./engine.ts"
import type { Host } from "./host.ts"

/**
 * Applies (or rehearses) a module: recovers what an earlier run left open, then one transaction after the other, then
 * the final closure. Never rejects for what a pool does; rejects with `FailureError` when the state folder cannot be used.
 */
export async function applyModule(
	host: Host,
	options: EngineOptions,
	module: ModuleOnHost,
	request: EngineRunRequest,
	context: RunContext,
): Promise<RunResult> {
	throw new Error(`cannot apply yet: ${[host, options, module, request, context].length}`)
}
