import type { AwaitDisks } from "../engine/engine.ts"
import type { Host } from "../engine/host.ts"
import { readSystemState, withShellGate } from "./shell-gate.ts"

/** Longest wait: a boot that hangs may hang on the very thing that the closure sets right again. */
const LIMIT_MS = 5 * 60_000
const ASK_AGAIN_MS = 500
/** What systemd calls a system whose services are not yet, or no longer, all there. */
const CHANGING = ["initializing", "starting", "stopping"]

/**
 * The host for a recovery that the boot itself started. Files are put back at once; closures begin when the boot is over,
 * because what they restart or ask may not be up before, and would be told as broken.
 */
export function makeAfterBootHost(host: Host): Host {
	return withShellGate(host, () => untilBootIsOver(host, async () => false))
}

/** Disks that the boot need not wait for (`nofail`) are mounted at any time while it goes on, or never. */
export function makeAwaitDisks(host: Host): AwaitDisks {
	return (areThere) => untilBootIsOver(host, areThere)
}

async function untilBootIsOver(host: Host, isEnough: () => Promise<boolean>): Promise<void> {
	const { clock } = host
	const end = clock.monotonic() + LIMIT_MS
	while (!(await isEnough()) && clock.monotonic() < end && CHANGING.includes(await readSystemState(host)))
		await clock.sleep(ASK_AGAIN_MS)
}
