import { fingerprintOf } from "../../folder/ssh-signature.ts"
import type { Signer } from "../library/signature.ts"
import { agentSocket } from "../ssh/agent-socket.ts"
import { readChosenKeys } from "./chosen-keys.ts"
import { createKeptKeys } from "./kept-keys.ts"
import { signStatement } from "./sign-statement.ts"

/** Signs by the keys that were chosen for this data folder: those kept here, and those of the agent. */
export function createSigner(dataFolder: string, kept = createKeptKeys(dataFolder), socket = agentSocket): Signer {
	return {
		async names() {
			const chosen = await readChosenKeys(dataFolder)
			return chosen.map(({ key, comment }) => `${fingerprintOf(key)} ${comment}`.trim())
		},
		async sign(statement) {
			const chosen = await readChosenKeys(dataFolder)
			return chosen.length === 0 ? undefined : signStatement(statement, chosen, { kept, agentSocket: socket() })
		},
	}
}
