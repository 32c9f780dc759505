import { findTool } from "../../support/appliances/requirements.ts"
import { canBootSystemd } from "../../support/appliances/systemd.ts"
import type { Bench } from "../bench.ts"
import { createDesk } from "../fleet/desk.ts"
import { closureOf, finalClosure } from "../fleet/module.ts"
import { createPlaybook } from "../fleet/playbook.ts"
import { installPackage } from "../install-package.ts"

/** The run of `warm-run` against a playbook that does the same. */
export const bench: Bench = {
	name: "ansible",
	other: "ansible-playbook",
	pairs: 3,
	targets: [{ times: 1 / 20 }],
	async able() {
		const able = canBootSystemd()
		if (!able.ok || findTool("ansible-playbook")) return able
		return installPackage("ansible")
	},
	async setUp(folder) {
		const desk = await createDesk(folder)
		const { lab, appliance, module } = desk
		const playbook = await createPlaybook(folder, {
			...{ hosts: [appliance], identity: lab.identity, knownHosts: lab.knownHosts, module },
			...{ proof: { closureOf, finalClosure }, forks: 5 },
		})
		return {
			async reset() {
				await playbook.forget()
				await desk.renew()
			},
			ours: desk.run,
			other: playbook.time,
			end: desk.end,
		}
	},
}
