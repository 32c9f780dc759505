import { type ChildProcess, spawn } from "node:child_process"
import { copyFile, readFile } from "node:fs/promises"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { makeByteStream } from "../../core/protocol/byte-stream.ts"
import { createRemoteRunner } from "../../core/protocol/remote-runner.ts"
import type { RunnerPort } from "../../core/protocol/runner-port.ts"
import { isKnownEvent, type RunEvent } from "../../core/schema/event.ts"
import { projectFolder } from "../support/appliances/paths.ts"
import { type Appliance, canBootSystemd, createLab, type Lab } from "../support/appliances/systemd.ts"
import { makeSample, requestOf, type Sample, supplyAll } from "./sample-module.ts"

const able = canBootSystemd()
if (!able.ok) console.warn(`SKIPPED runs as units of systemd: ${able.why}`)

/** What only a real systemd shows: a run is a unit of its own, on the Node 18 that Debian 12 itself has. */
describe.skipIf(!able.ok)(`runs as units of systemd${able.ok ? "" : `: ${able.why}`}`, () => {
	let lab: Lab
	let appliance: Appliance
	const children: ChildProcess[] = []

	beforeAll(async () => {
		lab = await createLab({ name: "runner-unit" })
		appliance = await lab.boot("unit", { homeserver: false })
		await copyFile(join(projectFolder, "dist/runner/hotfix-runner.cjs"), join(appliance.rootPath, "root/runner.cjs"))
	})
	afterAll(async () => {
		for (const child of children) child.kill()
		await lab?.destroy()
	})

	/** Over a plain `ssh`, as a desktop starts it: with an umask that hides everything. */
	function connect(): RunnerPort {
		const options = [`UserKnownHostsFile=${lab.knownHosts}`, "BatchMode=yes", "LogLevel=ERROR"]
		const command = "umask 077; exec node /root/runner.cjs serve --nonce n0"
		const args = ["-i", lab.identity, ...options.flatMap((one) => ["-o", one]), `root@${appliance.host}`, command]
		const child = spawn("ssh", args, { stdio: ["pipe", "pipe", "ignore"] })
		children.push(child)
		return createRemoteRunner(makeByteStream(child.stdout, child.stdin), { nonce: "n0" })
	}

	async function start(port: RunnerPort, sample: Sample): Promise<string> {
		await supplyAll(port, sample)
		const result = await port.start(requestOf(sample))
		expect(result).toMatchObject({ state: "started" })
		await appliance.execOk("while [ ! -e /opt/begun ]; do sleep 0.05; done")
		return result.state === "started" ? result.run : ""
	}

	async function collect(port: RunnerPort, run: string): Promise<RunEvent[]> {
		const events: RunEvent[] = []
		for await (const event of port.attach(run)) if (isKnownEvent(event)) events.push(event)
		return events
	}

	test("it outlives the session and sshd, what it starts outlives it, and what it makes is for all to read", async () => {
		await appliance.execOk("rm -rf /opt/*")
		const port = connect()
		expect(await port.hello()).toMatchObject({ systemd: true, root: true, node: expect.stringMatching(/^v18\./) })
		const closure = [
			"echo HOME is $HOME",
			"(sleep 1000 </dev/null >/dev/null 2>&1 & echo $! > /opt/daemon)",
			"touch /opt/begun",
			"while [ ! -e /opt/gate ]; do sleep 0.05; done",
			"touch /opt/made",
		]
		const run = await start(port, makeSample("1.0.0", [{ id: "p", files: { "/opt/a.conf": "new" }, closure }]))
		expect(await appliance.execOk(`systemctl is-active hotfix-run-${run}`)).toContain("active")
		const heard = collect(port, run)
		// Settled at once: it may fail before anybody waits for it.
		const lost = heard.catch((error) => error)
		await appliance.execOk("loginctl terminate-user root; systemctl restart ssh")
		expect(await lost).toMatchObject({ failure: { code: "connection-lost" } })
		const again = connect()
		expect((await again.status()).running?.run).toBe(run)
		await appliance.execOk("touch /opt/gate")
		const events = await collect(again, run)
		expect(events.at(-1)).toMatchObject({ type: "run-finished", outcome: "applied" })
		expect(events.some((event) => event.type === "command-output" && event.text.includes("HOME is /root"))).toBe(true)
		expect(await appliance.execOk("stat -c %a /opt/made")).toContain("644")
		await appliance.execOk(
			`while systemctl is-active hotfix-run-${run}; do sleep 0.05; done; kill -0 $(cat /opt/daemon)`,
		)
		expect((await appliance.execOk("ls /var/lib/hotfix/requests")).trim()).toBe("")
		await again.close()
	})

	test.each([
		["ends", (port: RunnerPort) => port.close()],
		["is cut", () => appliance.execOk("loginctl terminate-user root").then(() => {})],
	])("one that was started ahead ends when its connection %s before a run was asked for", async (_, end) => {
		const workers = "systemctl list-units --no-legend --state=active 'hotfix-run-*'"
		const port = connect()
		await port.hello()
		await port.prepare("chosen-1")
		expect(await appliance.execOk(workers)).toContain("hotfix-run-")
		await end(port)
		await appliance.execOk(`while ${workers} | grep -q .; do sleep 0.05; done`)
		expect((await appliance.execOk("ls /var/lib/hotfix/requests")).trim()).toBe("")
		await port.close()
	})

	test("stopping it, as a shutdown does, puts the open pool back", async () => {
		await appliance.execOk("rm -rf /opt/*; printf old > /opt/b.conf")
		const port = connect()
		const closure = ["touch /opt/begun", "while grep -q new /opt/b.conf; do sleep 0.05; done"]
		const run = await start(port, makeSample("2.0.0", [{ id: "q", files: { "/opt/b.conf": "new" }, closure }]))
		await appliance.execOk(`systemctl stop hotfix-run-${run}`)
		expect((await collect(port, run)).at(-1)).toMatchObject({ type: "run-finished", outcome: "failed" })
		expect(await readFile(join(appliance.rootPath, "opt/b.conf"), "utf8")).toBe("old")
		await port.close()
	})
})
