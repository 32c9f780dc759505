import { spawn } from "node:child_process"
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { mkdtemp, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, beforeEach } from "vitest"
import type { Rollout } from "../../../core/schema/rollout.ts"
import { collectOutput } from "../../support/appliances/command.ts"
import { projectFolder } from "../../support/appliances/paths.ts"
import { canRunSshd, PlainSshd, type PlainSshdOptions } from "../../support/appliances/plain-sshd.ts"
import { hotfix, parseLines, startHotfix } from "../../support/hotfix.ts"

const OWN = ["/srv", "/var/lib", "/var/log"]
const SITE = "site.conf"
export const THEIRS = "the customer's"

const able = canRunSshd()
/** Why no fleet can be had here; undefined where one can. */
export const obstacle = !able.ok
	? able.why
	: process.getuid?.() === 0
		? undefined
		: "only root can give each server its own files"

/** Real OpenSSH servers, each with files and a state folder of its own, all with the customer's file at the start of each test. */
export function useFleet(size: number, options: PlainSshdOptions = {}) {
	const fleet: PlainSshd[] = []
	let identity = ""
	let knownHosts = ""
	let data = ""
	let version = 0
	beforeAll(async () => {
		for (let index = 0; index < size; index++) fleet.push(await PlainSshd.start({ ...options, own: OWN }))
		identity = fleet[0]?.identities.ed25519 ?? ""
		const key = readFileSync(`${identity}.pub`, "utf8")
		for (const { folder } of fleet) writeFileSync(join(folder, "authorized_keys"), key, { mode: 0o600 })
		knownHosts = join(await mkdtemp(join(tmpdir(), "hotfix-known-")), "known_hosts")
		await writeFile(knownHosts, `${fleet.flatMap(({ hostKeyLines }) => hostKeyLines).join("\n")}\n`)
	}, 300_000)
	afterAll(() => Promise.all(fleet.map((one) => one.destroy())))
	beforeEach(async () => {
		data = await mkdtemp(join(tmpdir(), "hotfix-data-"))
		version++
		for (const one of fleet) {
			for (const name of readdirSync(one.ownFolder("/srv"))) rmSync(at(one, name), { recursive: true })
			place(one, SITE, THEIRS)
		}
	})

	const at = (one: PlainSshd, name: string) => join(one.ownFolder("/srv"), name)
	const place = (one: PlainSshd, name: string, content = "") => writeFileSync(at(one, name), content)
	const remove = (one: PlainSshd, name: string) => rmSync(at(one, name))
	const reached = () => ["--identity", identity, "--known-hosts", knownHosts]
	/** One pool that writes the site's file; `closure` is its commands. */
	const writeModule = async (closure: string[]) => {
		const folder = join(await mkdtemp(join(tmpdir(), "hotfix-module-")), `fix-${version}`)
		mkdirSync(join(folder, "src"), { recursive: true })
		const operations = [{ target: SITE, destination: `/srv/${SITE}` }]
		const index = {
			metadata: { schema_version: "1.0.0", description: "" },
			pools: [{ id: `site-${version}`, description: "", operations, closure }],
			finalClosure: [],
		}
		await writeFile(join(folder, "index.json"), JSON.stringify(index))
		await writeFile(join(folder, "src", SITE), `ours ${version}`)
		return folder
	}
	return {
		fleet,
		place,
		remove,
		reached,
		data: () => data,
		pool: () => `site-${version}`,
		ours: () => `ours ${version}`,
		contents: (fleet: PlainSshd[]) => fleet.map((one) => readFileSync(at(one, SITE), "utf8")),
		on: (fleet: PlainSshd[]) => fleet.flatMap(({ user, host, port }) => ["--on", `${user}@${host}:${port}`]),
		/** The closure waits where there is a file `slow`, fails on our file where there is `broken`, and on theirs, too, with `ruined`. */
		module: () =>
			writeModule([
				"test ! -e /srv/slow || sleep 2",
				"test ! -e /srv/broken || ! grep -q ours /srv/site.conf",
				"test ! -e /srv/ruined",
			]),
		/** `hotfix rollout ...` to its end. */
		rollout: (...args: string[]) => hotfix(["rollout", ...args, ...reached()], data),
		/** The same, to be killed in the middle. */
		start: (...args: string[]) => {
			const child = startHotfix(["rollout", ...args, ...reached()], data)
			const ended = new Promise<number | null>((resolve) => child.once("exit", resolve))
			let output = ""
			child.stdout?.on("data", (chunk) => {
				output += chunk
			})
			child.stderr?.resume()
			const kill = async () => {
				child.kill("SIGKILL")
				await ended
			}
			return { child, ended, kill, output: () => output }
		},
		/** The same at a terminal, where a person answers. */
		atTerminal: (answer: string, ...args: string[]) => {
			const command = [process.execPath, "dist/cli/hotfix.js", "--data", data, "rollout", ...args, ...reached()]
			const child = spawn("script", ["-qec", command.map((one) => `'${one}'`).join(" "), "/dev/null"], {
				cwd: projectFolder,
				stdio: ["pipe", "pipe", "pipe"],
				env: { ...process.env, SSH_AUTH_SOCK: "", HOME: data, NO_COLOR: "1" },
			})
			child.stdin.write(`${answer}\n`)
			return collectOutput(child)
		},
		status: async (): Promise<Rollout> => {
			const { stdout } = await hotfix(["rollout", "status", "--json"], data)
			const [found] = parseLines<Rollout>(stdout)
			if (!found) throw new Error("there is no rollout")
			return found
		},
	}
}

/** The wave of each appliance that something was told of, in the order in which they were first told. */
export function wavesOf(stdout: string): number[] {
	const told = parseLines<{ type: string; wave: number; applianceId: string }>(stdout)
	const waves = told.flatMap(({ type, wave, applianceId }) => (type === "appliance" ? [[applianceId, wave]] : []))
	return [...new Map(waves as [string, number][]).values()]
}
