import { createHash } from "node:crypto"
import { noBootRecovery } from "../boot-recovery.ts"
import type { Host } from "../host.ts"
import { trustsEverything } from "../trust.ts"
import { groupId, userId } from "./accounts.ts"
import { nodeAttributes } from "./node-attributes.ts"
import { nodeClock } from "./node-clock.ts"
import { nodeDisk } from "./node-disk.ts"
import { readSelf } from "./node-self.ts"
import { readNames } from "./read-names.ts"
import { runTool } from "./run-tool.ts"
import { createShellPort } from "./shell.ts"
import { SYSTEM_PATH } from "./shell-environment.ts"

/**
 * The real disk, processes and clock of this machine. What recovers at boot, and which modules may run, is up to the program
 * that runs here.
 */
export function createNodeHost(): Host {
	return {
		disk: nodeDisk,
		readNames,
		attributes: nodeAttributes,
		shell: createShellPort(),
		programFolders: SYSTEM_PATH.split(":"),
		clock: nodeClock,
		self: readSelf(),
		bootRecovery: noBootRecovery,
		trust: trustsEverything,
		run: async (program, args) => {
			const ran = await runTool(program, args)
			return { ...ran, stdout: ran.stdout.toString() }
		},
		createHash: () => {
			const hash = createHash("sha256")
			return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest("hex") }
		},
		isEqual: (one, other) => Buffer.compare(one, other) === 0,
		userId,
		groupId,
	}
}
