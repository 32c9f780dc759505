import { randomBytes } from "node:crypto"
import { rename } from "node:fs/promises"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest"
import { type FollowItem, followRun } from "../../core/fleet/follow-run.ts"
import { type RunnerBundle, readRunnerBundle } from "../../core/fleet/runner-install/bundle.ts"
import { type ConnectDeps, connectRunner } from "../../core/fleet/ssh/connect-runner.ts"
import type { Appliance as Target } from "../../core/schema/appliance.ts"
import { makeSample, requestOf, supplyAll } from "../conformance/sample-module.ts"
import { poll } from "../support/appliances/command.ts"
import { type Appliance, canBootSystemd, createLab, type Lab, ownerPassword } from "../support/appliances/systemd.ts"
import { applianceOf, failureOf, makeAccess, makeAsker, open, outputOf, refuse, secret } from "../support/ssh/access.ts"
import { runnerBundlePath } from "../support/ssh/runner-bundle.ts"

const systemd = canBootSystemd()
if (!systemd.ok) console.warn(`SKIPPED passwords, sudo and lost links on systemd appliances: ${systemd.why}`)

describe.skipIf(!systemd.ok)(`SSH to a systemd appliance${systemd.ok ? "" : `: ${systemd.why}`}`, () => {
	let lab: Lab
	let alpha: Appliance
	let runnerBundle: RunnerBundle
	beforeAll(async () => {
		lab = await createLab({ name: "ssh" })
		alpha = await lab.boot("alpha", { homeserver: false })
		runnerBundle = await readRunnerBundle(await runnerBundlePath())
	}, 480_000)
	afterAll(() => lab?.destroy(), 60_000)

	const as = (user: string, changes: Partial<Target> = {}) => applianceOf({ host: alpha.host, port: 22, user }, changes)
	const owner = (changes: Partial<Target> = {}) => as("owner", { signIn: { method: "password" }, ...changes })
	const keyed = (user: string, changes: Partial<Target> = {}) =>
		as(user, { signIn: { method: "key", path: lab.identity }, ...changes })
	const makeDeps = async (changes: Partial<ConnectDeps> = {}): Promise<ConnectDeps> => ({
		...(await makeAccess(lab)),
		runnerBundle,
		...changes,
	})
	async function connect(appliance: Target, deps: ConnectDeps) {
		const runner = await connectRunner(appliance, deps)
		onTestFinished(() => runner.close())
		return runner
	}
	const passwordAsked = { kind: "password", appliance: "alpha", host: "", port: 22, via: [], user: "owner" }

	test("a password is asked for once, however often it is connected", async () => {
		const asker = makeAsker(secret(ownerPassword))
		const deps = await makeDeps({ asker })
		expect((await outputOf(await open(owner(), deps), "id -un")).stdout.toString()).toBe("owner\n")
		expect((await open(owner(), deps)).facts.method).toBe("password")
		expect(asker.asked).toEqual([{ ...passwordAsked, host: alpha.host }])
	})

	test("a wrong password is refused, and asked for again the next time", async () => {
		const asker = makeAsker(secret("wrong"), secret(ownerPassword))
		const deps = await makeDeps({ asker })
		const failure = await failureOf(open(owner(), deps))
		expect(failure).toMatchObject({ code: "authentication-failed", data: { user: "owner", tried: ["password"] } })
		expect(failure.data.offered).toContain("password")
		expect((await open(owner(), deps)).facts.user).toBe("owner")
		expect(JSON.stringify(failure)).not.toContain("wrong")
	})

	test("a password that nobody gives", async () => {
		const data = { host: alpha.host, port: 22, user: "owner" }
		expect(await failureOf(open(owner(), await makeDeps()))).toEqual({ code: "password-needed", data })
		expect(await failureOf(open(owner(), await makeDeps({ asker: makeAsker(refuse) })))).toEqual({
			code: "password-needed",
			data,
		})
	})

	test("a server that asks for the password by questions only, and one that wants key and password", async () => {
		await configure("PasswordAuthentication no\nKbdInteractiveAuthentication yes\nUsePAM yes")
		const deps = await makeDeps({ asker: makeAsker(secret(ownerPassword)) })
		expect((await open(owner(), deps)).facts.method).toBe("keyboard-interactive")

		await configure("Match User owner\nAuthenticationMethods publickey,password")
		await alpha.execOk(
			"install -d -o owner -m 700 /home/owner/.ssh; cp /root/.ssh/authorized_keys /home/owner/.ssh/; chown -R owner /home/owner/.ssh",
		)
		const both = await makeDeps({ asker: makeAsker(secret(ownerPassword)) })
		expect((await open(keyed("owner"), both)).facts.method).toBe("password")
		await configure("")
	})

	test("sudo without a password makes the runner root", async () => {
		const runner = await connect(keyed("support", { become: "sudo" }), await makeDeps())
		expect(await runner.hello()).toMatchObject({ root: true, systemd: true, hostname: "alpha" })
		expect((await alpha.execOk("stat -c '%a %U' /var/lib/hotfix /var/lib/hotfix/runners")).trim()).toBe(
			"700 root\n700 root",
		)
	})

	test("sudo with a password: asked for once, wrong ones again, and never seen there", async () => {
		const asker = makeAsker(secret(ownerPassword), secret("not it"), secret(ownerPassword))
		const deps = await makeDeps({ asker })
		const runner = await connect(owner({ become: "sudo" }), deps)
		expect(await runner.hello()).toMatchObject({ root: true })
		await connect(owner({ become: "sudo" }), deps)
		const [, first, second] = asker.asked
		expect([first, second]).toEqual([
			{ kind: "sudo-password", appliance: "alpha", user: "owner", wrong: false },
			{ kind: "sudo-password", appliance: "alpha", user: "owner", wrong: true },
		])
		expect(asker.asked.length).toBe(3)
		const traces = await alpha.execOk(
			"cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n'; journalctl -q",
		)
		expect(traces).toContain("hotfix")
		expect(traces).not.toContain(ownerPassword)
	})

	test("sudo whose password nobody gives, or gives wrong", async () => {
		const silent = await makeDeps({ asker: makeAsker(secret(ownerPassword), refuse) })
		expect(await failureOf(connect(owner({ become: "sudo" }), silent))).toEqual({
			code: "sudo-password-needed",
			data: { host: alpha.host, user: "owner" },
		})
		const wrong = await makeDeps({ asker: makeAsker(secret(ownerPassword), secret("1"), secret("2"), secret("3")) })
		const failure = await failureOf(connect(owner({ become: "sudo" }), wrong))
		expect(failure).toMatchObject({
			code: "sudo-refused",
			data: { host: alpha.host, user: "owner", reason: "wrong-password" },
		})
	})

	test("an account that sudo does not know", async () => {
		await addUser("guest")
		const asker = makeAsker(secret(ownerPassword))
		const failure = await failureOf(connect(keyed("guest", { become: "sudo" }), await makeDeps({ asker })))
		expect(failure).toMatchObject({ code: "sudo-refused", data: { user: "guest", reason: "not-allowed" } })
	})

	test("an account without root's rights may not use root's folder", async () => {
		await connect(keyed("support", { become: "sudo" }), await makeDeps())
		const failure = await failureOf(connect(keyed("support"), await makeDeps()))
		expect(failure).toEqual({
			code: "not-permitted",
			data: { host: alpha.host, path: "/var/lib/hotfix", user: "support" },
		})
	})

	test("no sudo there", async () => {
		const bare = await lab.boot("bare", {
			homeserver: false,
			arrange: (root) => rename(join(root, "usr/bin/sudo"), join(root, "usr/bin/sudo.away")),
		})
		const appliance = applianceOf(
			{ host: bare.host, port: 22, user: "support" },
			{ become: "sudo", signIn: { method: "key", path: lab.identity } },
		)
		expect(await failureOf(connect(appliance, await makeDeps()))).toMatchObject({
			code: "sudo-refused",
			data: { reason: "not-installed" },
		})
	})

	test("accounts that may not sign in, each in its own way", async () => {
		for (const name of ["expired", "stale", "shellless"]) await addUser(name)
		await alpha.execOk(
			"chage -E 1 expired; echo stale:x | chpasswd; chage -d 0 stale; usermod -s /usr/sbin/nologin shellless",
		)
		const failures = await Promise.all(
			["expired", "stale", "shellless"].map(async (user) => failureOf(connect(keyed(user), await makeDeps()))),
		)
		expect(failures).toMatchObject([
			{ code: "connection-lost", data: { banner: expect.stringContaining("expired") } },
			{ code: "channel-refused", data: { reason: "the account's password must be changed first" } },
			{ code: "channel-refused", data: { reason: "the account may not run commands" } },
		])
	})

	test("a host key that changed blocks this appliance", async () => {
		const beta = await lab.boot("beta", { homeserver: false })
		const appliance = applianceOf(
			{ host: beta.host, port: 22, user: "root" },
			{ signIn: { method: "key", path: lab.identity } },
		)
		const deps = await makeDeps()
		await open(appliance, deps)
		await beta.replaceHostKey()
		expect(await failureOf(open(appliance, deps))).toMatchObject({
			code: "host-key-changed",
			data: { path: lab.knownHosts },
		})
	})

	test("an appliance that is switched off, seen from here and from a jump host, and one that a firewall hides", async () => {
		const off = keyed("root", { host: alpha.host.replace(/\d+$/, "250") })
		const data = expect.objectContaining({ host: off.host, port: 22 })
		expect(await failureOf(open(off, await makeDeps()))).toEqual({ code: "unreachable", data })
		const behind = { ...off, jump: `root@${alpha.host}` }
		expect(await failureOf(open(behind, await makeDeps()))).toEqual({ code: "unreachable", data })
		await alpha.dropPackets()
		const hidden = await failureOf(open(keyed("root"), await makeDeps({ deadlines: { connect: 1000 } })))
		await alpha.passPackets()
		expect(hidden).toEqual({
			code: "timed-out",
			data: { host: alpha.host, port: 22, phase: "connect", seconds: 1 },
		})
	})

	test.each([
		["is reset", () => alpha.cutConnections()],
		[
			"ends with all sessions and sshd, which is started anew",
			() => alpha.execOk("loginctl terminate-user root; systemctl restart ssh"),
		],
		[
			"dies of a network that is away for a while",
			async () => {
				await alpha.linkDown()
				setTimeout(() => void alpha.linkUp(), 4000)
			},
		],
	])("a run whose connection %s is followed to its end, without gap or double", async (_, cut) => {
		const deps = await makeDeps({ deadlines: { keepalive: 500, connect: 1000 } })
		const appliance = keyed("root")
		const gate = `/tmp/gate-${randomBytes(4).toString("hex")}`
		const id = randomBytes(4).toString("hex")
		const sample = makeSample("1.0.0", [
			{
				id,
				files: { [`/etc/${id}.conf`]: "new\n" },
				closure: [
					"for i in 1 2 3 4 5; do echo line $i; done",
					`while [ ! -e ${gate} ]; do sleep 0.1; done`,
					"echo after",
				],
			},
		])
		sample.manifest.name = `module-${id}`
		const port = await connect(appliance, deps)
		await supplyAll(port, sample)
		const started = await port.start(requestOf(sample))
		if (started.state !== "started") throw new Error(JSON.stringify(started))

		const items: FollowItem[] = []
		let losses = 0
		for await (const item of followRun({
			connect: () => connect(appliance, deps),
			port,
			run: started.run,
			waitsMs: [200],
		})) {
			items.push(item)
			if (item.type === "event" && item.event.type === "command-started" && item.event.index === 1) void cut()
			if (item.type === "connection" && item.state === "lost") losses++
			if (item.type === "connection" && item.state === "connected") await alpha.execOk(`touch ${gate}`)
		}
		const events = items.flatMap((item) => (item.type === "event" ? item.event : []))
		expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1))
		expect(events.at(-1)).toMatchObject({ type: "run-finished", outcome: "applied" })
		const text = events.map((event) => (event.type === "command-output" ? event.text : "")).join("")
		expect([text, losses > 0]).toEqual(["line 1\nline 2\nline 3\nline 4\nline 5\nafter\n", true])
		expect(await alpha.execOk(`cat /etc/${id}.conf`)).toBe("new\n")
	})

	async function configure(lines: string): Promise<void> {
		await alpha.execOk("cat > /etc/ssh/sshd_config.d/00-test.conf; systemctl restart ssh", { input: `${lines}\n` })
		await poll("sshd answers", 10, async () =>
			(await alpha.exec("ss -tln | grep -q ':22 '")).status === 0 ? true : undefined,
		)
	}

	async function addUser(name: string): Promise<void> {
		const home = `/home/${name}/.ssh`
		await alpha.execOk(`useradd --create-home --shell /bin/bash ${name}; install -d -m 700 ${home}; chpasswd`, {
			input: `${name}:${ownerPassword}\n`,
		})
		await alpha.execOk(`cp /root/.ssh/authorized_keys ${home}; chown -R ${name} ${home}`)
	}
})
