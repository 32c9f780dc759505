import { spawn } from "node:child_process"
import { once } from "node:events"
import { rm } from "node:fs/promises"
import { join } from "node:path"
import type { Bench } from "../bench.ts"
import { timeRunner } from "../run-program.ts"

const programOf = (name: string) => join(import.meta.dirname, "../fleet", name)

/** The most memory that a desktop takes for a rollout to 2,000 SSH servers, 100 at once. */
export const bench: Bench = {
	name: "rollout-many",
	pairs: 1,
	targets: [{ peakMemoryMiB: 500 }],
	async setUp(folder) {
		const servers = spawn(process.execPath, [programOf("many-ssh-servers.ts"), folder], {
			stdio: ["pipe", "pipe", "inherit"],
		})
		const [first] = await Promise.race([once(servers.stdout, "data"), once(servers, "exit")])
		if (String(first).trim() !== "ready") throw new Error(`cannot start the SSH servers: ${first}`)
		return {
			reset: () => rm(join(folder, "data"), { recursive: true, force: true }),
			ours: () => timeRunner(programOf("roll-many.ts"), [folder]),
			async end() {
				const ended = once(servers, "exit")
				servers.stdin.end()
				await ended
			},
		}
	},
}
