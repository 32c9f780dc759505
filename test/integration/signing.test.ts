import { readFileSync } from "node:fs"
import { chmod, mkdir, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { beforeEach, expect, onTestFinished, test } from "vitest"
import { run } from "../support/appliances/command.ts"
import { projectFolder } from "../support/appliances/paths.ts"
import { createMachine, type Machine } from "../support/machine.ts"
import { startAgent } from "../support/ssh-agent.ts"

const text = readFileSync(join(projectFolder, "docs/signing.md"), "utf8")
const [signing = "", byHand = ""] = [...text.matchAll(/^```sh\n(.*?)^```/gms)].map(([, block = ""]) => block)

/** This machine as a desktop and, in the folder `root`, as an appliance. */
let machine: Machine
let env: NodeJS.ProcessEnv
beforeEach(async () => {
	machine = createMachine()
	onTestFinished(() => machine.remove())
	await mkdir(machine.at("root/etc/hotfix"), { recursive: true })
	await mkdir(machine.at("root/srv"))
	// No passphrase is typed.
	await writeProgram("ask", "echo")
	await writeProgram("hotfix", `exec ${process.execPath} ${join(projectFolder, "dist/cli/hotfix.js")} "$@"`)
	const agent = startAgent(machine.folder)
	onTestFinished(agent.end)
	env = {
		...process.env,
		...{ HOME: machine.folder, XDG_DATA_HOME: machine.at("data"), PATH: `${machine.at("bin")}:${process.env.PATH}` },
		...{ SSH_ASKPASS: machine.at("bin/ask"), SSH_ASKPASS_REQUIRE: "force" },
		SSH_AUTH_SOCK: agent.socket,
	}
})

async function writeProgram(name: string, command: string): Promise<void> {
	await mkdir(machine.at("bin"), { recursive: true })
	await writeFile(machine.at(`bin/${name}`), `#!/bin/sh\n${command}\n`)
	await chmod(machine.at(`bin/${name}`), 0o755)
}

/** The lines of a block one after the other, as a person types them; the first that fails ends it. */
function follow(block: string, words: Record<string, string>): Promise<string> {
	const script = block.replace(/\b[A-Z_]+\b/g, (word) => words[word] ?? word)
	return run("sh", ["-ec", script], { cwd: machine.folder, env })
}

const makeModule = () => machine.module([{ id: "p", files: { "/srv/a": "ours\n" } }])
const trust = (line: string) => writeFile(machine.at("root/etc/hotfix/trusted-keys"), `${line}\n`)
const apply = async (module: string) =>
	(await machine.run("apply", "--module", module, "--root", machine.at("root"))).exit

test("what is published is signed, and runs where the key that is listed is trusted", async () => {
	const module = makeModule()
	const printed = await follow(signing, { MODULE: module })
	await trust(/^\S+ {2}(ssh-ed25519 .*)$/m.exec(printed)?.[1] ?? "none")
	expect(await apply(module)).toBe(0)
	expect(machine.read("root/srv/a")).toBe("ours\n")
	await rm(join(module, "index.json.sig"))
	expect(await apply(module)).toBe(2)
})

test("a module that is signed by hand runs where that key is trusted, and not before", async () => {
	const module = makeModule()
	await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", machine.at("key")])
	const line = machine.read("key.pub").trim()
	await trust(line)
	expect(await apply(module)).toBe(2)
	machine.write("signers", `release@example ${line}\n`)
	const words = { KEY: machine.at("key"), ALLOWED_SIGNERS: machine.at("signers"), NAME: "release@example" }
	expect(await follow(byHand, { MODULE: module, ...words })).toContain('Good "hotfix-module" signature')
	expect(await apply(module)).toBe(0)
	expect(machine.read("root/srv/a")).toBe("ours\n")
})
