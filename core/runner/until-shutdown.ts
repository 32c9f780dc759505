import type { Host } from "../engine/host.ts"
import { readSystemState, withShellGate } from "./shell-gate.ts"

/**
 * The host for runs on a system that recovers at boot. A shutdown asks every program to stop. A run then puts its pool's
 * files back, but no closure can pass while services go down, and the pool would be told as degraded. So it stops there as
 * it stands, as a crash would stop it, and the next boot does the rest. `stop` ends this program.
 */
export function makeUntilShutdownHost(host: Host, signal: AbortSignal, stop: () => void): Host {
	return withShellGate(host, async () => {
		if (signal.aborted && (await readSystemState(host)) === "stopping") stop()
	})
}
