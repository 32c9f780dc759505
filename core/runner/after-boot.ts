import type { Host } from "../engine/host.ts"

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
	return {
		...host,
		shell: {
			open: async (options) => {
				await waitForBoot(host)
				return host.shell.open(options)
			},
			endMarked: (mark) => host.shell.endMarked(mark),
		},
	}
}

async function waitForBoot({ run, clock }: Host): Promise<void> {
	const isChanging = async () => CHANGING.includes((await run("systemctl", ["is-system-running"])).stdout.trim())
	for (const end = clock.monotonic() + LIMIT_MS; clock.monotonic() < end && (await isChanging()); ) {
		await clock.sleep(ASK_AGAIN_MS)
	}
}
