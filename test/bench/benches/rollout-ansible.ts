import { findTool } from "../../support/appliances/requirements.ts"
import type { Bench } from "../bench.ts"
import { AT_ONCE, canRunMany, checkAll, startMany } from "../fleet/many-sshds.ts"
import { plainProof } from "../fleet/module.ts"
import { createPlaybook } from "../fleet/playbook.ts"
import { installPackage } from "../install-package.ts"

/** The rollout of `rollout`, to fewer servers, against a playbook that does the same with as many forks. */
export const bench: Bench = {
	name: "rollout-ansible",
	other: `ansible-playbook, ${AT_ONCE} forks`,
	pairs: 1,
	targets: [{ times: 1 / 5 }],
	async able() {
		const able = canRunMany()
		if (!able.ok || findTool("ansible-playbook")) return able
		return installPackage("ansible")
	},
	async setUp(folder) {
		const fleet = await startMany(folder, 20)
		const { identity, knownHosts, module, servers } = fleet
		const hosts = servers.map(({ host, port }) => ({ name: `port-${port}`, host, port }))
		const playbook = await createPlaybook(folder, {
			...{ hosts, identity, knownHosts, module, proof: plainProof, forks: AT_ONCE },
		})
		return {
			async reset() {
				await playbook.forget()
				await fleet.renew()
			},
			ours: fleet.rollOut,
			async other() {
				const sample = await playbook.time()
				await checkAll(servers, module)
				return sample
			},
			end: fleet.end,
		}
	},
}
