import { readSystemFile } from "../../engine/disk/system-file.ts"
import type { Host } from "../../engine/host.ts"
import { MAX_POLICY_BYTES, POLICY_FILE } from "../../engine/policy/path-policy.ts"
import type { Trust } from "../../engine/trust.ts"
import { createTrust } from "./trust.ts"

/**
 * Trust where a folder of `machine` stands for `/` (`rooted`). Its commands are the machine's own, and it may be any folder
 * of it: so whatever the machine's owner said holds as well. That owner's policy names paths that nobody can tell there:
 * where there is one, no module runs in such a folder.
 */
export function createRootedTrust(machine: Host, rooted: Host): Trust {
	const askMachine = createTrust(machine)
	const askRooted = createTrust(rooted)
	return async (module, signatures) => {
		if (await readSystemFile(machine, POLICY_FILE, MAX_POLICY_BYTES)) {
			const { name, version } = module
			return { code: "module-not-trusted", data: { module: name, version, reason: "own-policy" } }
		}
		return (await askMachine(module, signatures)) ?? askRooted(module, signatures)
	}
}
