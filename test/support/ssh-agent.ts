import { execFileSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { parsePublicKey } from "../../core/fleet/signing/chosen-keys.ts"

/** A real SSH agent with its socket in `folder`; empty. `end` it. */
export function startAgent(folder: string) {
	const socket = join(folder, "agent")
	const said = execFileSync("ssh-agent", ["-a", socket, "-s"]).toString()
	const env = { ...process.env, SSH_AUTH_SOCK: socket }
	const makeFile = (name: string, type: string, comment: string) => {
		const path = join(folder, name)
		execFileSync("ssh-keygen", ["-q", "-t", type, "-N", "", "-C", comment, "-f", path])
		execFileSync("ssh-add", ["-q", path], { env, stdio: "pipe" })
		return path
	}
	return {
		socket,
		/** A new key of this name that it holds. */
		makeKey(name: string, comment = name) {
			const path = makeFile(name, "ed25519", comment)
			// A line end in the comment is one in the file, too.
			return parsePublicKey(readFileSync(`${path}.pub`, "utf8").split("\n")[0] ?? "", path)
		},
		/** One of a type that signs no modules. */
		makeOther: (name: string) => void makeFile(name, "ecdsa", name),
		forget: () => void execFileSync("ssh-add", ["-q", "-D"], { env, stdio: "pipe" }),
		end: () => void process.kill(Number(/SSH_AGENT_PID=(\d+)/.exec(said)?.[1])),
	}
}
