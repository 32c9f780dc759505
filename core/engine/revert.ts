import type { EngineOptions, EngineRevertRequest, RunContext, RunResult } from "./engine.ts"
import type { Host } from "./host.ts"

/** Puts one applied pool back to what stood before it, as a run of its own with the pool's closure and way back. */
export async function revertPool(
	host: Host,
	options: EngineOptions,
	request: EngineRevertRequest,
	context: RunContext,
): Promise<RunResult> {
	throw new Error(`cannot revert yet: ${[host, options, request, context].length}`)
}
