import { createHash } from "node:crypto"
import { existsSync } from "node:fs"
import { copyFile, lstat, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import type { HistoryRun } from "../../core/schema/history.ts"
import { collectOutput, poll } from "../support/appliances/command.ts"
import { type Appliance, canBootSystemd, createLab, type Lab } from "../support/appliances/systemd.ts"
import { makeModule, parseLines, startHotfix, waitForOutput } from "../support/hotfix.ts"
import { runnerBundlePath } from "../support/ssh/runner-bundle.ts"

const systemd = canBootSystemd()
if (!systemd.ok) console.warn(`SKIPPED recovery at boot on systemd appliances: ${systemd.why}`)

const site = "/var/www/homeserver"
const destinations = ["auth.tsx", "header.tsx", "login.tsx"].map((name) => `${site}/src/components/${name}`)
const units = "/etc/systemd/system"

describe.skipIf(!systemd.ok)(`recovery at boot${systemd.ok ? "" : `: ${systemd.why}`}`, () => {
	let lab: Lab
	let data: string
	beforeAll(async () => {
		lab = await createLab({ name: "boot-recovery" })
		data = await mkdtemp(join(tmpdir(), "hotfix-data-"))
	}, 480_000)
	afterAll(async () => {
		await lab?.destroy()
		await rm(data, { recursive: true, force: true })
	}, 180_000)

	test("power cut in the middle of a desktop's run: the next boot puts the pool back, with nobody connected", async () => {
		// A disk of its own: what was not synced is gone.
		const alpha = await lab.boot("alpha", { disk: { imageMegabytes: 192 } })
		const module = await makeModule("homeserver/spec-example", (index) => {
			index.pools[0]?.closure.splice(2, 0, "echo built; grep -q hotfix src/components/auth.tsx && sleep 600; true")
			index.pools[0]?.operations.push({ target: "src/auth.tsx", destination: `${site}/made/deep/auth.tsx` })
		})
		await markSource(module)
		const before = await readTree(alpha)
		const target = ["--on", `root@${alpha.host}`, "--identity", lab.identity, "--known-hosts", lab.knownHosts]
		const child = startHotfix(["run", module, ...target, "--json"], data)
		await waitForOutput(child, "built\\n")
		expect(await alpha.execOk("systemctl is-enabled hotfix-recover.service")).toBe("enabled\n")
		expect(await alpha.exec("systemd-analyze verify hotfix-recover.service")).toMatchObject({ status: 0, stderr: "" })
		expect(await readTree(alpha)).not.toEqual(before)
		child.kill("SIGKILL")
		await alpha.powerCut()
		expect(existsSync(join(alpha.rootPath, units, "hotfix-recover.service"))).toBe(true)

		await alpha.powerOn()
		await waitUntilDisarmed(alpha)
		expect(await readTree(alpha)).toEqual(before)
		expect(existsSync(join(alpha.rootPath, site, "made"))).toBe(false)
		const runner = `node ${(await alpha.execOk("ls /var/lib/hotfix/runners/*.cjs")).trim()}`
		const [run] = await readHistory(alpha, runner)
		expect(run).toMatchObject({ state: "finished", interrupted: true, outcome: "failed" })
		expect(run?.pools[0]).toMatchObject({
			pool: "website_security_patch",
			outcome: "failed",
			reason: { message: "the run was interrupted" },
		})
		expect(await phasesOf(alpha, run?.run)).toEqual(expect.arrayContaining(["restore true", "reclosure true"]))
		expect(JSON.parse(await alpha.execOk("curl -fsS http://localhost:5000/health"))).toMatchObject({ status: "ok" })
		expect(await alpha.execOk("systemctl is-system-running")).toBe("running\n")
		expect(await alpha.execOk("cat /var/log/hotfix.log")).toMatch(/website_security_patch.*interrupted/)
	})

	test("cut short by a kill and by another power cut, it is done at the third boot; what is left over goes by itself", async () => {
		const beta = await lab.boot("beta", { homeserver: false })
		const state = `/var/lib/hot fix/100% "$HOME" it's\\x41`
		const runner = await installRunner(beta, state)
		// One unit takes its time to come up, another waits for the end of the boot.
		const wanted = "[Install]\nWantedBy=multi-user.target\n"
		const slow = "[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/sleep 3\n"
		const late = "[Unit]\nAfter=multi-user.target\n[Service]\nExecStart=/bin/sleep infinity\n"
		await writeFile(join(beta.rootPath, units, "slow.service"), slow + wanted)
		await writeFile(join(beta.rootPath, units, "late.service"), late + wanted)
		await beta.execOk("systemctl enable --now slow late && printf old > /opt/file && chmod 640 /opt/file")
		await writeModule(beta, { "/opt/file": "new", "/opt/made/file": "new" }, [
			"touch /opt/closing",
			"if grep -q new /opt/file || [ -e /opt/hold ]; then touch /opt/held; sleep 600; fi",
			"systemctl is-active slow",
			"systemctl restart late",
			"(sleep 600 </dev/null >/dev/null 2>&1 & echo $! > /opt/daemon)",
		])
		await beta.execOk("touch /opt/hold; sync")
		await beta.execOk(`systemd-run --unit=the-run ${runner} apply --module /root/module`)
		await waitForFile(beta, "/opt/held")
		const unit = (await beta.execOk("cd /etc/systemd/system && echo hotfix-recover-*.service")).trim()
		expect(unit).toMatch(/^hotfix-recover-[0-9a-f]{12}\.service$/)
		const text = await readFile(join(beta.rootPath, units, unit), "utf8")
		expect(await beta.exec(`systemd-analyze verify ${unit}`)).toMatchObject({ status: 0, stderr: "" })
		await beta.powerCut()

		await rm(join(beta.rootPath, "opt/held"))
		await beta.powerOn()
		await waitForFile(beta, "/opt/held")
		// Put back before the closure is run again, and armed as long as that is not done.
		expect(await readFile(join(beta.rootPath, "opt/file"), "utf8")).toBe("old")
		expect(existsSync(join(beta.rootPath, units, unit))).toBe(true)
		await rm(join(beta.rootPath, "opt/held"))
		await beta.execOk(`kill -KILL $(systemctl show --property=MainPID --value ${unit})`)
		await waitForFile(beta, "/opt/held")
		await beta.powerCut()

		await rm(join(beta.rootPath, "opt/hold"))
		await beta.powerOn()
		await waitUntilDisarmed(beta)
		expect(await readFile(join(beta.rootPath, "opt/file"), "utf8")).toBe("old")
		expect(await beta.execOk("stat -c %a /opt/file; ls -d /opt/made || echo gone")).toBe("640\ngone\n")
		await beta.execOk("kill -0 $(cat /opt/daemon)")
		const [run, ...others] = await readHistory(beta, runner)
		expect(others).toEqual([])
		expect(run).toMatchObject({ state: "finished", interrupted: true, outcome: "failed" })
		expect(await beta.execOk("systemctl is-system-running")).toBe("running\n")

		// As a crash between a run's end and the disarming leaves it.
		await writeFile(join(beta.rootPath, units, unit), text)
		await beta.execOk(`systemctl enable ${unit}`)
		await beta.reboot()
		await waitUntilDisarmed(beta)
		expect(await readHistory(beta, runner)).toEqual([run])
		expect(await beta.execOk("systemctl is-system-running")).toBe("running\n")
	})

	test("a desktop that follows the run sees it to its end, whoever recovers it", async () => {
		const epsilon = await lab.boot("epsilon")
		const module = await makeModule("homeserver/spec-example", (index) => {
			index.pools[0]?.closure.splice(2, 0, "echo built; grep -q hotfix src/components/auth.tsx && sleep 600; true")
		})
		await markSource(module)
		const target = ["--on", `root@${epsilon.host}`, "--identity", lab.identity, "--known-hosts", lab.knownHosts]
		const child = startHotfix(["run", module, ...target, "--json"], data)
		const ended = collectOutput(child)
		await waitForOutput(child, "built\\n")
		await epsilon.powerCut()
		await epsilon.powerOn()
		const { status, stdout } = await ended
		const events = parseLines(stdout)
		expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1))
		expect(events.at(-1)).toMatchObject({ type: "run-finished", outcome: "failed", interrupted: true })
		expect(status).toBe(1)
		await waitUntilDisarmed(epsilon)
	})

	test("a reboot in the middle of a closure: no closure is judged on a system that goes down", async () => {
		const gamma = await lab.boot("gamma", { homeserver: false })
		const runner = await installRunner(gamma, "/var/lib/hotfix")
		await gamma.execOk("printf old > /opt/file")
		await writeModule(gamma, { "/opt/file": "new" }, [
			"if grep -q new /opt/file; then touch /opt/held; sleep 600; fi",
			"systemctl restart ssh.service",
		])
		await gamma.execOk(`systemd-run --unit=the-run ${runner} apply --module /root/module`)
		await waitForFile(gamma, "/opt/held")
		await gamma.reboot()
		await waitUntilDisarmed(gamma)
		expect(await readFile(join(gamma.rootPath, "opt/file"), "utf8")).toBe("old")
		const [run] = await readHistory(gamma, runner)
		expect(run).toMatchObject({ state: "finished", interrupted: true, outcome: "failed" })
	})

	test("where it cannot be armed the run says so and goes on", async () => {
		const delta = await lab.boot("delta", { homeserver: false })
		const runner = await installRunner(delta, "/var/lib/hotfix")
		await delta.execOk("ln -s /dev/null /etc/systemd/system/hotfix-recover.service")
		await writeModule(delta, { "/opt/file": "new" }, ["true"])
		const said = await delta.execOk(`${runner} apply --module /root/module`)
		expect(said).toMatch(/WARNING.*hotfix-recover\.service: there is one that is not ours/)
		expect(await delta.execOk("cat /opt/file; readlink /etc/systemd/system/hotfix-recover.service")).toBe(
			"new/dev/null\n",
		)
	})
})

/** Nothing is asked of the appliance that could make it recover: only looked at. */
async function waitUntilDisarmed(appliance: Appliance): Promise<void> {
	await poll(`${appliance.name} has recovered`, 60, async () => {
		const left = await appliance.execOk("find /etc/systemd/system -name 'hotfix-recover*'")
		return left === "" ? true : undefined
	})
	await poll("recovery has ended", 20, async () => {
		const { stdout } = await appliance.exec("systemctl list-units --no-legend --plain 'hotfix-recover*'")
		if (stdout.includes("failed")) throw new Error(await appliance.execOk("journalctl --no-pager -u 'hotfix-recover*'"))
		return stdout === "" ? true : undefined
	})
}

async function waitForFile(appliance: Appliance, path: string): Promise<void> {
	await poll(`${path} is there`, 60, () => (existsSync(join(appliance.rootPath, path)) ? true : undefined))
}

async function installRunner(appliance: Appliance, state: string): Promise<string> {
	await copyFile(await runnerBundlePath(), join(appliance.rootPath, "opt/runner.cjs"))
	// Arguments as both the shell and `systemd-run` take them.
	const quoted = `'${state.replaceAll("'", `'\\''`)}'`
	await writeFile(
		join(appliance.rootPath, "usr/local/bin/runner"),
		`#!/bin/sh\nexec node /opt/runner.cjs "$@" --state ${quoted}\n`,
		{ mode: 0o755 },
	)
	return "/usr/local/bin/runner"
}

async function writeModule(appliance: Appliance, files: Record<string, string>, closure: string[]): Promise<void> {
	const folder = join(appliance.rootPath, "root/module")
	await mkdir(join(folder, "src"), { recursive: true })
	const operations = Object.entries(files).map(([destination], index) => ({ target: `src/${index}`, destination }))
	for (const [index, content] of Object.values(files).entries()) await writeFile(join(folder, `src/${index}`), content)
	const pools = [{ id: "pool", description: "", operations, closure }]
	await writeFile(join(folder, "index.json"), JSON.stringify({ metadata: { schema_version: "1.0.0" }, pools }))
}

/** Our own mark in the file that the closure above looks at. */
async function markSource(module: string): Promise<void> {
	const path = join(module, "src/auth.tsx")
	await writeFile(path, `${await readFile(path, "utf8")}\n// hotfix\n`)
}

async function readHistory(appliance: Appliance, runner: string): Promise<HistoryRun[]> {
	const printed = await appliance.execOk(`${runner} history --json`)
	return parseLines<HistoryRun>(printed)
}

async function phasesOf(appliance: Appliance, run = ""): Promise<string[]> {
	const text = await readFile(join(appliance.rootPath, "var/lib/hotfix/runs", run, "events.jsonl"), "utf8")
	return text
		.split("\n")
		.filter(Boolean)
		.map((line) => JSON.parse(line))
		.filter(({ type }) => type === "phase-finished")
		.map(({ phase, ok }) => `${phase} ${ok}`)
}

/** Content, mode, owner and times of every destination. */
async function readTree(appliance: Appliance) {
	return Promise.all(
		destinations.map(async (path) => {
			const file = join(appliance.rootPath, path)
			const { mode, uid, gid, mtimeMs } = await lstat(file)
			const digest = createHash("sha256")
				.update(await readFile(file))
				.digest("hex")
			return { path, mode, uid, gid, mtimeMs, digest }
		}),
	)
}
