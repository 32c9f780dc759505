import { execFileSync } from "node:child_process"
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest"
import { createSshConfig } from "../../core/fleet/ssh/config/ssh-config.ts"
import { createKnownHosts } from "../../core/fleet/ssh/known-hosts.ts"
import { openSession } from "../../core/fleet/ssh/session.ts"
import { run } from "../support/appliances/command.ts"
import { canRunSshd, PlainSshd, type PlainSshdOptions } from "../support/appliances/plain-sshd.ts"
import { hotfix, parseLines } from "../support/hotfix.ts"
import {
	applianceOf,
	failureOf,
	hostBlock,
	knowAll,
	makeAccess,
	makeAsker,
	makeSshConfig,
	open,
	refuse,
	secret,
	startAgent,
	trust,
} from "../support/ssh/access.ts"

const able = canRunSshd()
if (!able.ok) console.warn(`SKIPPED the SSH configuration against plain sshds: ${able.why}`)

async function start(options: PlainSshdOptions = {}): Promise<PlainSshd> {
	const sshd = await PlainSshd.start(options)
	onTestFinished(() => sshd.destroy())
	return sshd
}

describe.skipIf(!able.ok)(`the user's SSH configuration${able.ok ? "" : `: ${able.why}`}`, () => {
	let sshd: PlainSshd
	beforeAll(async () => {
		sshd = await PlainSshd.start()
	})
	afterAll(() => sshd?.destroy())

	const own = () => sshd.identities.ed25519 ?? ""
	const web = (server = sshd) => applianceOf({ ...server, host: "web" })
	const block = (server: PlainSshd, ...lines: string[]) =>
		`Host web\n  HostName ${server.host}\n${lines.map((line) => `  ${line}\n`).join("")}`

	describe("keys", () => {
		test("a configured one, where no agent runs", async () => {
			const deps = await makeAccess(sshd)
			const absent = join(deps.folder, "absent")
			const lines = [`IdentityFile ${absent}`, `IdentityFile ${own()}`]
			const sshConfig = await makeSshConfig(deps.folder, block(sshd, ...lines))
			expect((await open(web(), { ...deps, sshConfig })).facts).toMatchObject({ method: "publickey", host: sshd.host })
		})

		test("those that ssh has by default, where they exist and none is configured", async () => {
			const deps = await makeAccess(sshd)
			mkdirSync(join(deps.folder, ".ssh"))
			copyFileSync(own(), join(deps.folder, ".ssh/id_ed25519"))
			const sshConfig = createSshConfig({ file: null, home: deps.folder })
			expect((await open(applianceOf(sshd), { ...deps, sshConfig })).facts.method).toBe("publickey")
			const configured = await makeSshConfig(deps.folder, `IdentityFile ${makeKey(deps.folder, "other")}\n`)
			expect((await failureOf(open(applianceOf(sshd), { ...deps, sshConfig: configured }))).code).toBe(
				"authentication-failed",
			)
		})

		test("the agent's first: one that it holds is not opened anew", async () => {
			const deps = await makeAccess(sshd)
			const key = await protect(deps.folder)
			const agentSocket = await startAgent(deps.folder, own())
			const sshConfig = await makeSshConfig(deps.folder, block(sshd, `IdentityFile ${key}`))
			expect((await open(web(), { ...deps, agentSocket, sshConfig })).facts.method).toBe("agent")
		})

		test("of an agent with many, the configured one comes first; with IdentitiesOnly no other comes at all", async () => {
			const strict = await start({ config: ["MaxAuthTries 2"] })
			const deps = await makeAccess(strict)
			const others = ["k1", "k2", "k3"].map((name) => makeKey(deps.folder, name))
			const right = strict.identities.ed25519 ?? ""
			const agentSocket = await startAgent(deps.folder, ...others, right)
			const failure = await failureOf(open(applianceOf(strict), { ...deps, agentSocket }))
			expect(failure.code).toBe("too-many-authentication-failures")
			const sshConfig = await makeSshConfig(deps.folder, block(strict, `IdentityFile ${right}`))
			await open(web(strict), { ...deps, agentSocket, sshConfig })
			const only = await makeSshConfig(deps.folder, block(strict, `IdentityFile ${others[0]}`, "IdentitiesOnly yes"))
			expect(await failureOf(open(web(strict), { ...deps, agentSocket, sshConfig: only }))).toMatchObject({
				code: "authentication-failed",
				data: { tried: ["agent"] },
			})
		})

		test("a passphrase is asked for once, and only for a key that the server takes", async () => {
			const asker = makeAsker(secret("wrong"), secret("open sesame"))
			const deps = await makeAccess(sshd, { asker })
			const refused = await protect(deps.folder, makeKey(deps.folder, "other"))
			const key = await protect(deps.folder)
			const sshConfig = await makeSshConfig(deps.folder, block(sshd, `IdentityFile ${refused}`, `IdentityFile ${key}`))
			await open(web(), { ...deps, sshConfig })
			await open(web(), { ...deps, sshConfig })
			expect(asker.asked).toEqual([
				{ kind: "passphrase", appliance: "alpha", path: key, wrong: false },
				{ kind: "passphrase", appliance: "alpha", path: key, wrong: true },
			])
		})

		test("a passphrase that nobody gives is what the failure says", async () => {
			const deps = await makeAccess(sshd, { asker: makeAsker(refuse) })
			const key = await protect(deps.folder)
			const sshConfig = await makeSshConfig(deps.folder, block(sshd, `IdentityFile ${key}`))
			expect(await failureOf(open(web(), { ...deps, sshConfig }))).toEqual({
				code: "passphrase-needed",
				data: { path: key },
			})
		})

		test("one that others may read is passed over, and said when nothing else helps", async () => {
			const deps = await makeAccess(sshd)
			const key = join(deps.folder, "open")
			writeFileSync(key, readFileSync(own()), { mode: 0o644 })
			const sshConfig = await makeSshConfig(deps.folder, block(sshd, `IdentityFile ${key}`))
			const failure = await failureOf(open(web(), { ...deps, sshConfig }))
			expect(failure).toMatchObject({ code: "authentication-failed", data: { tried: [], offered: ["publickey"] } })
			expect(failure.data.reason).toContain(`${key} cannot be used: others may read it`)
		})

		test("what the appliance itself says goes before", async () => {
			const deps = await makeAccess(sshd)
			const sshConfig = await makeSshConfig(deps.folder, block(sshd, `IdentityFile ${own()}`))
			const other = makeKey(deps.folder, "other")
			const appliance = { ...web(), signIn: { method: "key" as const, path: other } }
			expect((await failureOf(open(appliance, { ...deps, sshConfig }))).code).toBe("authentication-failed")
		})
	})

	describe("host keys", () => {
		test("are judged under HostName, in the configured files, and trusted in this program's own", async () => {
			const deps = await makeAccess(undefined)
			const elsewhere = { ...deps, knownHosts: createKnownHosts({ ownFile: deps.ownFile }) }
			const { knownHosts } = await knowAll(deps.folder, sshd)
			const lines = [`IdentityFile ${own()}`, `UserKnownHostsFile ${join(deps.folder, "absent")} ${knownHosts}`]
			const sshConfig = await makeSshConfig(deps.folder, block(sshd, ...lines))
			await open(web(), { ...elsewhere, sshConfig })
			const without = await makeSshConfig(deps.folder, block(sshd, `IdentityFile ${own()}`, "UserKnownHostsFile none"))
			const asker = makeAsker(trust)
			await open(web(), { ...elsewhere, sshConfig: without, asker })
			expect(asker.asked).toMatchObject([{ kind: "host-key", appliance: "alpha", host: sshd.host, port: sshd.port }])
			expect(readFileSync(deps.ownFile, "utf8")).toContain(`[${sshd.host}]:${sshd.port} `)
		})

		test("a server with a host certificate shows its key: known by its authority alone, it is a question", async () => {
			const certified = await start()
			const deps = await makeAccess(undefined)
			const authority = makeKey(deps.folder, "authority")
			const hostKey = join(certified.folder, "host_ed25519.pub")
			await run("ssh-keygen", ["-q", "-s", authority, "-I", "alpha", "-h", "-n", certified.host, hostKey])
			const config = join(certified.folder, "sshd_config")
			writeFileSync(config, `HostCertificate ${hostKey.replace(".pub", "-cert.pub")}\n${readFileSync(config, "utf8")}`)
			await certified.restart()
			const known = join(deps.folder, "by-authority")
			writeFileSync(known, `@cert-authority * ${readFileSync(`${authority}.pub`, "utf8")}`)
			// ssh itself signs in by the certificate: it is there, and good.
			const ssh = certified.sshArgs().map((arg) => arg.replace(/^UserKnownHostsFile=.*/, `UserKnownHostsFile=${known}`))
			execFileSync("ssh", ["-o", "StrictHostKeyChecking=yes", ...ssh, "true"])

			const appliance = applianceOf(certified, { signIn: { method: "key", path: certified.identities.ed25519 ?? "" } })
			const access = await makeAccess({ knownHosts: known })
			expect(await failureOf(open(appliance, access))).toMatchObject({
				code: "host-key-unknown",
				data: { keyType: "ssh-ed25519", certAuthority: true },
			})
			const asker = makeAsker(trust)
			await open(appliance, { ...access, asker })
			await open(appliance, access)
			expect(asker.asked.length).toBe(1)
		})
	})

	test("one that cannot be used is said before anything is dialled", async () => {
		const deps = await makeAccess(sshd)
		const sshConfig = await makeSshConfig(deps.folder, 'Host web\n  User "x\n')
		expect(await failureOf(openSession(web(), { ...deps, sshConfig }))).toMatchObject({
			code: "ssh-config-unreadable",
			data: { path: join(deps.folder, "ssh_config"), line: 2 },
		})
	})

	describe("the command line", () => {
		async function arrange() {
			const deps = await makeAccess(undefined)
			const state = join(deps.folder, "state")
			const remote = await start({ env: { HOTFIX_STATE: state } })
			const { knownHosts } = await knowAll(deps.folder, remote, sshd)
			const ways = `${hostBlock("web", remote, "ProxyJump gate")}${hostBlock("straight", remote)}${hostBlock("gate", sshd)}`
			const file = join(deps.folder, "ssh_config")
			writeFileSync(file, ways, { mode: 0o600 })
			const call = (...args: string[]) =>
				hotfix(["history", "--known-hosts", knownHosts, "--json", ...args], join(deps.folder, "data"))
			return { ...deps, remote, file, call }
		}

		test("--on an alias: user, port, key, jump host and host keys as ssh finds them", async () => {
			const { remote, file, call } = await arrange()
			const told = await call("--on", "web", "--ssh-config", file)
			expect(told).toMatchObject({ status: 0, stderr: "" })
			expect(parseLines(told.stdout)).toEqual([])
			expect(await remote.readLog()).toContain("Accepted publickey")
			expect(await sshd.readLog()).toContain("Accepted publickey")
		})

		test("the user's own without an option, none with `none`, and another way with --jump", async () => {
			const { folder, file, call } = await arrange()
			mkdirSync(join(folder, "data/.ssh"), { recursive: true })
			copyFileSync(file, join(folder, "data/.ssh/config"))
			expect(await call("--on", "web")).toMatchObject({ status: 0 })
			expect(await call("--on", "straight", "--jump", "gate")).toMatchObject({ status: 0 })
			const none = await call("--on", "web", "--ssh-config", "none")
			expect([none.status, none.stderr]).toEqual([6, expect.stringContaining("web")])
			const nowhere = await call("--on", "web", "--jump", "nowhere.invalid")
			expect([nowhere.status, nowhere.stderr]).toEqual([6, expect.stringContaining("nowhere.invalid")])
		})

		test("a configuration that is not there, or wrong, is said in words", async () => {
			const { folder, file, call } = await arrange()
			const absent = join(folder, "absent")
			expect((await call("--on", "web", "--ssh-config", absent)).stderr).toContain(
				`${absent} cannot be used: it is not`,
			)
			writeFileSync(file, "Host web\n  Port x\n")
			expect((await call("--on", "web", "--ssh-config", file)).stderr).toContain(
				`${file}, line 2, cannot be used: Port is no number from 1 to 65535`,
			)
		})
	})

	async function protect(folder: string, path = own()): Promise<string> {
		const protectedPath = join(folder, `protected-${dirname(path).split("/").at(-1)}-${path.split("/").at(-1)}`)
		writeFileSync(protectedPath, readFileSync(path), { mode: 0o600 })
		await run("ssh-keygen", ["-q", "-p", "-P", "", "-N", "open sesame", "-f", protectedPath])
		return protectedPath
	}
})

function makeKey(folder: string, name: string): string {
	const path = join(folder, name)
	execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", path])
	return path
}
