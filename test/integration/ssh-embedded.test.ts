import { execFileSync, spawn } from "node:child_process"
import { createReadStream, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { beforeAll, describe, expect, onTestFinished, test } from "vitest"
import {
	type EmbeddedAppliances,
	startEmbeddedAppliances,
} from "../../core/fleet/embedded/start-embedded-appliances.ts"
import { followRun } from "../../core/fleet/follow-run.ts"
import { type RunnerBundle, readRunnerBundle } from "../../core/fleet/runner-install/bundle.ts"
import { connectRunner } from "../../core/fleet/ssh/connect-runner.ts"
import { createCredentials } from "../../core/fleet/ssh/credentials.ts"
import { createKnownHosts } from "../../core/fleet/ssh/known-hosts.ts"
import { supplyContents } from "../../core/fleet/supply.ts"
import { readModuleFolder } from "../../core/folder/read-module-folder.ts"
import { runRequestSchema } from "../../core/protocol/runner-calls.ts"
import type { Appliance } from "../../core/schema/appliance.ts"
import { isKnownEvent, type RunEvent } from "../../core/schema/event.ts"
import { poll } from "../support/appliances/command.ts"
import { failureOf } from "../support/ssh/access.ts"
import { runnerBundlePath } from "../support/ssh/runner-bundle.ts"

describe("embedded appliances", () => {
	let runnerBundle: RunnerBundle
	beforeAll(async () => {
		runnerBundle = await readRunnerBundle(await runnerBundlePath())
	})

	async function makeFolder() {
		const folder = await mkdtemp(join(tmpdir(), "embedded-"))
		onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 20 }))
		return folder
	}
	async function start(folder: string, nodeProgram?: string) {
		const knownHosts = createKnownHosts({ ownFile: join(folder, "known_hosts"), files: [] })
		const fleet = await startEmbeddedAppliances({ folder: join(folder, "demo"), knownHosts, nodeProgram })
		onTestFinished(() => fleet.stop())
		const [healthy, changed, off] = fleet.appliances as [Appliance, Appliance, Appliance]
		const credentials = createCredentials()
		return {
			fleet,
			healthy,
			changed,
			off,
			connect: (appliance: Appliance) => connectRunner(appliance, { knownHosts, credentials, runnerBundle }),
		}
	}
	type Started = Awaited<ReturnType<typeof start>>

	async function apply({ fleet, connect }: Started, appliance: Appliance): Promise<RunEvent[]> {
		const { manifest, findings } = await readModuleFolder(fleet.moduleFolder)
		expect(findings).toEqual([])
		if (!manifest) throw new Error("the demo module has faults")
		const port = await connect(appliance)
		const events: RunEvent[] = []
		try {
			await supplyContents(port, manifest, ({ target }) => createReadStream(join(fleet.moduleFolder, "src", target)))
			const started = await port.start(runRequestSchema.parse({ manifest }))
			if (started.state !== "started") throw new Error(`it did not start: ${JSON.stringify(started)}`)
			for await (const item of followRun({ connect: () => connect(appliance), port, run: started.run })) {
				if (item.type === "event" && isKnownEvent(item.event)) events.push(item.event)
			}
		} finally {
			await port.close()
		}
		return events
	}
	const outcomes = (events: RunEvent[]) =>
		events.flatMap((event) => (event.type === "pool-finished" ? [[event.pool, event.outcome]] : []))

	test("stopped at any moment of its start it leaves no program and no files, and can be started again", async () => {
		const folder = await makeFolder()
		const knownHosts = createKnownHosts({ ownFile: join(folder, "known_hosts"), files: [] })
		const demo = join(folder, "demo")
		const left = () => readdirSync(demo).filter((name) => name.startsWith("appliances-"))
		let stopped = 0
		for (let delayMs = 0; ; delayMs = delayMs * 2 + 50) {
			const signal = AbortSignal.timeout(delayMs)
			const fleet = await startEmbeddedAppliances({ folder: demo, knownHosts, signal }).catch((error) => {
				expect(error.failure).toMatchObject({ code: "cancelled" })
			})
			if (fleet) {
				await fleet.stop()
				break
			}
			stopped++
			expect(left()).toEqual([])
			expect(programsOf(demo)).toEqual([])
		}
		expect(stopped).toBeGreaterThan(1)
	})

	test("without the Node that is to run them they are not started, and nothing is left", async () => {
		const folder = await makeFolder()
		const failure = await failureOf(start(folder, "/nowhere/node"))
		expect(failure).toMatchObject({ code: "not-found", data: { path: "/nowhere/node" } })
		expect(existsSync(join(folder, "demo"))).toBe(false)
	})

	test("the healthy one is repaired, all by the Node that was named", async () => {
		const folder = await makeFolder()
		const own = join(folder, "a Node")
		writeFileSync(own, `#!/bin/sh\nexport SEEN=1\nexec "${process.execPath}" "$@"\n`, { mode: 0o755 })
		const started = await start(folder, own)
		const web = readFileSync(join(rootOf(started.fleet, "healthy"), "var/web.pid"), "utf8")
		expect(readFileSync(`/proc/${web}/environ`, "utf8").split("\0")).toContain("SEEN=1")
		const root = rootOf(started.fleet, "healthy")
		expect(await login(root, "")).toBe(200)
		const events = await apply(started, started.healthy)
		expect(outcomes(events)).toEqual([
			["page_escaping_fix", "applied"],
			["login_security_patch", "applied"],
		])
		expect(events.at(-1)).toMatchObject({
			type: "run-finished",
			outcome: "applied",
			finalClosure: { outcome: "passed" },
		})
		expect([await login(root, ""), await login(root, "correct horse")]).toEqual([403, 200])
	})

	test("the one its owner changed: one pool is put back, the next goes on, the service runs", async () => {
		const started = await start(await makeFolder())
		const root = rootOf(started.fleet, "changed")
		const before = ["theme", "pages"].map((name) => readFileSync(join(root, `srv/web/${name}.mjs`), "utf8"))
		const events = await apply(started, started.changed)
		expect(outcomes(events)).toEqual([
			["page_escaping_fix", "failed"],
			["login_security_patch", "applied"],
		])
		expect(JSON.stringify(events)).not.toMatch(/ at \w+.*\(node:internal|Node\.js v/)
		const failed = events.find((event) => event.type === "pool-finished" && event.outcome === "failed")
		expect(failed).toMatchObject({
			reason: {
				phase: "closure",
				command: "bin/service restart web",
				exit: 1,
				output: expect.stringContaining("banner"),
			},
		})
		expect(["theme", "pages"].map((name) => readFileSync(join(root, `srv/web/${name}.mjs`), "utf8"))).toEqual(before)
		expect([await login(root, ""), await login(root, "correct horse")]).toEqual([403, 200])
		expect(events.at(-1)).toMatchObject({ outcome: "failed", finalClosure: { outcome: "not-run" } })
	})

	test("the one that is switched off cannot be reached", async () => {
		const { connect, off } = await start(await makeFolder())
		expect((await failureOf(connect(off))).code).toBe("refused")
	})

	test("nobody else signs in: another key, another user", async () => {
		const folder = await makeFolder()
		const { connect, healthy } = await start(folder)
		const other = join(folder, "other")
		execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", other])
		expect((await failureOf(connect({ ...healthy, signIn: { method: "key", path: other } }))).code).toBe(
			"authentication-failed",
		)
		expect((await failureOf(connect({ ...healthy, user: "somebody" }))).code).toBe("authentication-failed")
	})

	test("are the same ones at the next start, and their keys are known", async () => {
		const folder = await makeFolder()
		const first = await start(folder)
		await (await first.connect(first.healthy)).close()
		await first.fleet.stop()
		const second = await start(folder)
		expect(second.fleet.appliances).toEqual(first.fleet.appliances)
		await (await second.connect(second.healthy)).close()
		const lines = readFileSync(join(folder, "known_hosts"), "utf8").trim().split("\n")
		expect(lines.length).toBe(2)
	})

	test("after stop nothing runs and nothing is left but keys and module", async () => {
		const folder = await makeFolder()
		const started = await start(folder)
		await apply(started, started.healthy)
		const pid = servicePid(rootOf(started.fleet, "healthy"))
		expect(isAlive(pid)).toBe(true)
		await started.fleet.stop()
		await poll("the service has ended", 5, () => (isAlive(pid) ? undefined : true))
		expect(readdirSync(join(folder, "demo")).toSorted()).toEqual([
			"host_ed25519",
			"id_ed25519",
			"ports.json",
			"web-security",
		])
	})

	test("a program that is killed leaves no service, and the next start removes its files", async () => {
		const folder = await makeFolder()
		const program = join(folder, "program.mts")
		const from = (path: string) => JSON.stringify(join(import.meta.dirname, "../../core/fleet", path))
		writeFileSync(
			program,
			`import { startEmbeddedAppliances } from ${from("embedded/start-embedded-appliances.ts")}
			import { createKnownHosts } from ${from("ssh/known-hosts.ts")}
			const knownHosts = createKnownHosts({ ownFile: "${folder}/known_hosts", files: [] })
			await startEmbeddedAppliances({ folder: "${folder}/demo", knownHosts })
			console.log("started")`,
		)
		const child = spawn(process.execPath, [program], { stdio: ["ignore", "pipe", "inherit"] })
		await new Promise((resolve) => child.stdout.once("data", resolve))
		const [left = ""] = readdirSync(join(folder, "demo")).filter((name) => name.startsWith("appliances-"))
		const pids = ["healthy", "changed"].map((name) => servicePid(join(folder, "demo", left, name)))
		expect(pids.map(isAlive)).toEqual([true, true])
		child.kill("SIGKILL")
		await poll("the services have ended", 5, () => (pids.some(isAlive) ? undefined : true))
		await start(folder)
		expect(existsSync(join(folder, "demo", left))).toBe(false)
	})
})

function rootOf({ moduleFolder }: EmbeddedAppliances, name: string): string {
	const demo = join(moduleFolder, "..")
	const [place = ""] = readdirSync(demo).filter((entry) => entry.startsWith("appliances-"))
	return join(demo, place, name)
}

const servicePid = (root: string) => Number(readFileSync(join(root, "var/web.pid"), "utf8"))

/** Processes that carry a folder below it in their environment. */
function programsOf(folder: string): string[] {
	return readdirSync("/proc").filter((name) => {
		try {
			return /^\d+$/.test(name) && readFileSync(`/proc/${name}/environ`, "utf8").includes(`HOTFIX_ROOT=${folder}/`)
		} catch {
			return false // It has ended since it was listed.
		}
	})
}

async function login(root: string, password: string): Promise<number> {
	const port = readFileSync(join(root, "var/web.port"), "utf8")
	const response = await fetch(`http://127.0.0.1:${port}/login?user=admin&password=${encodeURIComponent(password)}`)
	await response.text()
	return response.status
}

function isAlive(pid: number): boolean {
	try {
		return process.kill(pid, 0)
	} catch {
		return false
	}
}
