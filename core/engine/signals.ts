import type { EngineOptions } from "./engine.ts"
import type { Host } from "./host.ts"

/** Asks a run, from any process, to stop at its next safe point. Fails with `unknown-run`. */
export async function cancelRun(host: Host, options: EngineOptions, run: string): Promise<void> {
	throw new Error(`cannot cancel yet: ${[host, options, run].length}`)
}

/** Confirms, from any process, a pool that waits in phase `confirm`. Fails with `unknown-run`. */
export async function confirmPool(host: Host, options: EngineOptions, run: string, pool: string): Promise<void> {
	throw new Error(`cannot confirm yet: ${[host, options, run, pool].length}`)
}
