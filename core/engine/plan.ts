import type { Plan } from "../schema/plan.ts"
import type { EngineOptions, EngineRunRequest, ModuleOnHost } from "./engine.ts"
import type { Host } from "./host.ts"

/** What a run would do. Writes nothing. Contents may be missing: those operations have no diff then. */
export async function planModule(
	host: Host,
	options: EngineOptions,
	module: ModuleOnHost,
	request: EngineRunRequest,
): Promise<Plan> {
	throw new Error(`cannot plan yet: ${[host, options, module, request].length}`)
}
