import type { Failure } from "../schema/failure.ts"
import type { Manifest } from "../schema/manifest.ts"
import type { EngineOptions, EngineRunRequest } from "./engine.ts"
import type { Host } from "./host.ts"

export type Admission =
	| { state: "admitted" }
	| { state: "busy"; run: string; since: string; by?: string }
	| { state: "refused"; failure: Failure }

/**
 * Whether a run would begin now, for whoever is about to start one in another process. Writes nothing; `applyModule`
 * decides again under the lock.
 */
export async function admitRun(
	host: Host,
	options: EngineOptions,
	manifest: Manifest,
	request: EngineRunRequest,
): Promise<Admission> {
	throw new Error(`cannot admit yet: ${[host, options, manifest, request].length}`)
}
