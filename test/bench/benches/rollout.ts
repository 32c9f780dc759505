import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { Bench } from "../bench.ts"
import { AT_ONCE, canRunMany, checkAll, startMany } from "../fleet/many-sshds.ts"
import { plainProof } from "../fleet/module.ts"
import { makeScript } from "../fleet/tar-over-ssh.ts"
import { timeProgram } from "../run-program.ts"

const SERVERS = Number(process.env.HOTFIX_BENCH_SERVERS ?? 200)

/** A rollout to 200 real servers against what `pssh` does: as many `ssh` at once, the same bytes and commands. */
export const bench: Bench = {
	name: "rollout",
	other: `tar | ssh, ${AT_ONCE} at once`,
	pairs: 1,
	targets: [{ times: 1.3 }],
	able: canRunMany,
	async setUp(folder) {
		const fleet = await startMany(folder, SERVERS)
		const list = join(folder, "ports")
		await writeFile(list, fleet.servers.map(({ port, user, host }) => `${port} ${user}@${host}\n`).join(""))
		const one = [
			'tar -cf - -C "$1/src" .',
			'ssh -F none -i "$2" -o UserKnownHostsFile="$3" -o IdentitiesOnly=yes -o BatchMode=yes -p "$5" "$6" "$4"',
		].join(" | ")
		const { module, identity, knownHosts } = fleet
		const args = ["-a", list, "-L", "1", "-P", String(AT_ONCE), "bash", "-o", "pipefail", "-c", one, "one"]
		return {
			reset: fleet.renew,
			ours: fleet.rollOut,
			async other() {
				const sample = await timeProgram("xargs", [...args, module, identity, knownHosts, makeScript(plainProof)])
				await checkAll(fleet.servers, module)
				return sample
			},
			end: fleet.end,
		}
	},
}
