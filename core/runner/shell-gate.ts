import type { Host } from "../engine/host.ts"

/** The same host, with something to be waited for before each list of commands. */
export function withShellGate(host: Host, gate: () => Promise<void>): Host {
	return {
		...host,
		shell: {
			open: async (options) => {
				await gate()
				return host.shell.open(options)
			},
			endMarked: (mark) => host.shell.endMarked(mark),
		},
	}
}

/** What systemd says of the whole system: `starting`, `running`, `degraded`, `stopping` ...; empty where there is none. */
export async function readSystemState({ run }: Host): Promise<string> {
	return (await run("systemctl", ["is-system-running"])).stdout.trim()
}
