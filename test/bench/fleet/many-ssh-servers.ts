// 2,000 SSH servers in one program of their own, for the bench `rollout-many`; writes their addresses and keys into the folder
// it is given and runs until its standard input ends. Sessions are real SSH; the runner in them is a scripted one.
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import ssh2 from "ssh2"
import { signIn } from "../../../core/fleet/embedded/embedded-sshd.ts"
import { makeByteStream } from "../../../core/protocol/byte-stream.ts"
import { serveRunner } from "../../../core/protocol/serve.ts"
import { makeKey } from "../../support/ssh/strangers.ts"
import { createScriptedAppliance } from "../../unit/core/fleet/scripted-appliance.ts"

const COUNT = 2000

const [folder = ""] = process.argv.slice(2)
const host = makeKey()
const client = makeKey()
const ports = await Promise.all(Array.from({ length: COUNT }, startServer))
writeFileSync(join(folder, "id_ed25519"), client.private, { mode: 0o600 })
writeFileSync(join(folder, "known_hosts"), ports.map((port) => `[127.0.0.1]:${port} ${host.public}\n`).join(""))
writeFileSync(join(folder, "ports.json"), JSON.stringify(ports))
console.log("ready")
process.stdin.on("end", () => process.exit()).resume()

/** Resolves to its port. */
function startServer(): Promise<number> {
	const appliance = createScriptedAppliance()
	const server = new ssh2.Server({ hostKeys: [host.private] }, (connection) => {
		connection.on("error", () => undefined)
		connection.on("authentication", (attempt) => signIn(attempt, "root", client.public))
		connection.on("session", (accept) => {
			accept().on("exec", async (acceptExec, _reject, { command }) => {
				const channel = acceptExec()
				// What the command line that starts a runner says when all is there (`runner-install/bootstrap.ts`).
				const [, nonce = ""] = / hotfix ([0-9a-f]{32}) /.exec(command) ?? []
				channel.write(`\n${nonce} HAVE\n`)
				await serveRunner(await appliance.connect(), makeByteStream(channel, channel), { nonce })
			})
		})
	})
	return new Promise((resolve, reject) => {
		server.on("error", reject)
		server.listen(0, "127.0.0.1", () => {
			const address = server.address()
			resolve(typeof address === "object" && address ? address.port : 0)
		})
	})
}
