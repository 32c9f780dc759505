import { mkdtemp, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { run as runProgram } from "../support/appliances/command.ts"
import { projectFolder } from "../support/appliances/paths.ts"
import { type Appliance, canBootSystemd, createLab, type Lab } from "../support/appliances/systemd.ts"
import { type HotfixResult, hotfix, makeModule } from "../support/hotfix.ts"

const fixture = "homeserver/spec-example"
const specExample = join(projectFolder, "test/fixtures/modules", fixture)

/** What every refusal owes a person: words, no stack trace, and nothing that is no sentence. */
function expectSentence({ stderr, stdout }: HotfixResult, words: RegExp): void {
	expect(stderr).toMatch(words)
	expect(stderr + stdout).not.toMatch(/\n\s+at .*:\d+|node:internal|undefined|\[object/)
}

describe("bad input without an appliance", () => {
	let data: string
	beforeAll(async () => {
		data = await mkdtemp(join(tmpdir(), "hotfix-data-"))
	})
	const unreached = ["--on", "root@127.0.0.1:1", "--json"]

	test.each([
		["empty index.json", "", /^index\.json:1:1: \$: /m],
		["broken JSON", '{"metadata": {', /^index\.json:1:\d+: /m],
		["no pools and no version", "{}", /^index\.json:1:1: \$.*pools/m],
	])("%s: exit 2, every fault with its place", async (_name, text, words) => {
		const folder = await mkdtemp(join(tmpdir(), "hotfix-module-"))
		await writeFile(join(folder, "index.json"), text)
		for (const args of [
			["validate", folder],
			["run", folder, ...unreached],
		]) {
			const result = await hotfix(args, data)
			expect(result.status).toBe(2)
			expectSentence(result, words)
		}
	})

	test("all faults of a module at once", async () => {
		const folder = await makeModule(fixture, (index) => {
			index.metadata.schema_version = "one"
			const [first, second] = index.pools
			if (!first || !second) throw new Error("the fixture has two pools")
			first.id = "../x"
			first.operations.push({ target: "../../etc/passwd", destination: "relative" })
			second.closure = []
			second.operations[0] = { target: "missing.py", destination: "/proc/config.py" }
		})
		const result = await hotfix(["validate", folder], data)
		expect(result.status).toBe(2)
		const paths = result.stderr
			.trim()
			.split("\n")
			.map((line) => line.split(": ")[1])
		expect(new Set(paths)).toEqual(
			new Set([
				"$.metadata.schema_version",
				"$.pools[0].id",
				"$.pools[0].operations[3].target",
				"$.pools[0].operations[3].destination",
				"$.pools[1].closure",
				"$.pools[1].operations[0].target",
				"$.pools[1].operations[0].destination",
			]),
		)
	})

	test("a folder that is no module", async () => {
		const result = await hotfix(["run", "/nonexistent/module", ...unreached], data)
		expect(result.status).toBe(2)
		expectSentence(result, /\/nonexistent\/module/)
	})

	test("nobody listens", async () => {
		const result = await hotfix(["run", specExample, ...unreached], data)
		expect(result.status).toBe(6)
		expectSentence(result, /127\.0\.0\.1/)
	})

	test("a name that nobody knows", async () => {
		const result = await hotfix(["run", specExample, "--on", "root@no-such-appliance.invalid", "--json"], data)
		expect(result.status).toBe(6)
		expectSentence(result, /no-such-appliance\.invalid/)
	})

	test.each([
		["an unknown command", ["frobnicate"]],
		["an unknown option", ["run", specExample, "--frobnicate"]],
		["no module", ["run"]],
		["no appliance", ["run", specExample]],
		["an address that is none", ["run", specExample, "--on", "a b"]],
		["a time limit that is none", ["run", specExample, ...unreached, "--timeout", "soon"]],
		["a number beyond all numbers", ["history", "--limit", "99999999999999999999"]],
		["a port that is none", ["serve", "--no-open", "--port", "65536"]],
	])("%s: exit 2", async (_name, args) => {
		const result = await hotfix(args, data)
		expect(result.status).toBe(2)
		expectSentence(result, /./)
	})
})

const systemd = canBootSystemd()
if (!systemd.ok) console.warn(`SKIPPED bad input on systemd appliances: ${systemd.why}`)

describe.skipIf(!systemd.ok)(`bad input on systemd appliances${systemd.ok ? "" : `: ${systemd.why}`}`, () => {
	let lab: Lab
	let alpha: Appliance
	let data: string
	beforeAll(async () => {
		lab = await createLab({ name: "bad-input" })
		data = await mkdtemp(join(tmpdir(), "hotfix-data-"))
		alpha = await lab.boot("alpha")
	}, 480_000)
	afterAll(() => lab?.destroy(), 60_000)

	const runOn = (
		appliance: Appliance,
		options: { identity?: string; knownHosts?: string; module?: string; more?: string[] } = {},
	) =>
		hotfix(
			[
				...["run", options.module ?? specExample, "--on", `root@${appliance.host}`],
				...["--identity", options.identity ?? lab.identity, "--known-hosts", options.knownHosts ?? lab.knownHosts],
				...["--json", ...(options.more ?? [])],
			],
			data,
		)

	test("a key that the appliance refuses", async () => {
		const identity = join(lab.folder, "stranger")
		await runProgram("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", identity])
		const result = await runOn(alpha, { identity })
		expect(result.status).toBe(6)
		expectSentence(result, new RegExp(alpha.host.replaceAll(".", "\\.")))
	})

	test("a key file that is not there", async () => {
		const result = await runOn(alpha, { identity: join(lab.folder, "gone") })
		expect(result.status).toBe(6)
		expectSentence(result, /gone/)
	})

	test("an unknown host key is never accepted by itself; its fingerprint on the command line is an answer", async () => {
		const knownHosts = join(lab.folder, "empty-known-hosts")
		await writeFile(knownHosts, "")
		const refused = await runOn(alpha, { knownHosts })
		expect(refused.status).toBe(6)
		const fingerprint = /SHA256:[A-Za-z0-9+/]{43}/.exec(refused.stderr)?.[0] ?? ""
		expectSentence(refused, /SHA256:/)
		const trusted = await runOn(alpha, { knownHosts, more: ["--trust", fingerprint] })
		expect(trusted.status).toBe(0)
	})

	test("a changed host key blocks that appliance alone", async () => {
		const beta = await lab.boot("beta")
		await beta.replaceHostKey()
		const result = await hotfix(
			[
				"run",
				specExample,
				"--on",
				`root@${beta.host}`,
				`root@${alpha.host}`,
				"--identity",
				lab.identity,
				"--known-hosts",
				lab.knownHosts,
				"--json",
			],
			data,
		)
		expect(result.status).toBe(6)
		expectSentence(result, /instead of the known one/)
		expect(result.events.at(-1)).toMatchObject({ type: "run-finished" })
		expect((await beta.exec("test -e /var/lib/hotfix")).status).toBe(1)
	})

	test("an appliance without Node, for whose processor none can be brought", async () => {
		const gamma = await lab.boot("gamma", { homeserver: false })
		await gamma.execOk("mv /usr/bin/node /usr/bin/no-node; rm -f /usr/bin/nodejs")
		// No such machine can be had: only its name for itself is another one.
		await gamma.execOk("cat > /usr/bin/uname.new; chmod 755 /usr/bin/uname.new; mv /usr/bin/uname.new /usr/bin/uname", {
			input: "#!/bin/sh\necho riscv64\n",
		})
		const result = await runOn(gamma)
		expect(result.status).toBe(6)
		expectSentence(result, /Node/)
	})

	test("a full disk: nothing is touched, and it says so", async () => {
		const delta = await lab.boot("delta", { disk: { imageMegabytes: 128 } })
		const before = await delta.execOk("sha256sum /var/www/homeserver/src/components/*")
		await delta.execOk(
			"dd if=/dev/zero of=/var/filler bs=1M 2>/dev/null; dd if=/dev/zero of=/var/filler2 bs=1k 2>/dev/null; true",
		)
		const result = await runOn(delta)
		expect(result.status).toBe(6)
		expectSentence({ ...result, stdout: "" }, /space|full/i)
		expect(await delta.execOk("sha256sum /var/www/homeserver/src/components/*")).toBe(before)
	})

	test("a plan names the commands and units that the appliance lacks, and no others", async () => {
		const planned = async (module: string) => {
			const access = ["--identity", lab.identity, "--known-hosts", lab.knownHosts, "--json"]
			const { status, stdout } = await hotfix(["plan", module, "--on", `root@${alpha.host}`, ...access], data)
			expect(status).toBe(0)
			const findings: { rule: string; path: string; message: string }[] = JSON.parse(stdout).findings
			return findings.filter(({ rule }) => /^(command|unit)-missing$/.test(rule)).map(({ message }) => message)
		}
		expect(await planned(specExample)).toEqual([])
		const module = await makeModule(fixture, (index) => {
			index.metadata.schema_version = "3.0.0"
			const [first] = index.pools
			if (!first) throw new Error("the fixture has a pool")
			first.closure = [
				"cd /var/www/homeserver && nosuchcommand --check",
				"systemctl restart homeserver homeservre ssh sshd systemd-journald.service getty@tty1 multi-user.target",
				"if nosuchguard; then true; fi; command -v nosuchguard2 && nosuchguard2 || true",
				"sudo -n systemctl is-active --quiet ssh.socket dbus nosuchunit.timer",
				"for unit in a b; do systemctl status $unit; done; journalctl -u homeserver -n 1 | grep -q x || true",
			]
		})
		expect(await planned(module)).toEqual([
			'this appliance has no command "nosuchcommand"',
			'this appliance has no unit "homeservre.service"',
			'this appliance has no unit "nosuchunit.timer"',
		])
		const lines = async (command: string) => (await alpha.execOk(command)).split("\n").filter((line) => line !== "")
		const types = "--type=service,socket,timer,path,target --plain --no-legend"
		const units = await lines(`systemctl list-unit-files ${types} | cut -d' ' -f1`)
		const loaded = await lines(`systemctl list-units --all ${types} | awk '$2 == "loaded" {print $1}'`)
		const programs = await lines("ls /usr/local/sbin /usr/local/bin /usr/sbin /usr/bin | grep '^[a-z]'")
		expect([units.length > 50, loaded.length > 10, programs.length > 300]).toEqual([true, true, true])
		const everything = await makeModule(fixture, (index) => {
			index.metadata.schema_version = "3.0.0"
			const asked = [...units, ...loaded].map((unit) => `systemctl status '${unit}'`)
			// An installer among them would end the looking.
			const run = programs.filter((name) => !/^(apt|dpkg|pip|make|update-|(ba|da)?sh$)/.test(name))
			const [first, second] = index.pools
			if (first) first.closure = asked
			if (second) second.checks = [...run.map((name) => `timeout 1 '${name}' --version`), "nosuchlast"]
		})
		expect(await planned(everything)).toEqual(['this appliance has no command "nosuchlast"'])
	})

	test("a destination that is a folder fails that pool before anything is touched", async () => {
		const module = await makeModule(fixture, (index) => {
			index.metadata.schema_version = "2.0.0"
			const operation = index.pools[0]?.operations[0]
			if (operation) operation.destination = "/var/www/homeserver/build"
		})
		const result = await runOn(alpha, { module })
		expect(result.status).toBe(1)
		expect(result.events.find(({ type }) => type === "pool-finished")).toMatchObject({
			outcome: "failed",
			reason: { phase: "preflight", message: expect.stringContaining("folder") },
		})
	})
})
