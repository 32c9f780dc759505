import { randomBytes } from "node:crypto"
import { createSocket } from "node:dgram"
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest"
import type { Services } from "../../core/fleet/services/types.ts"
import { createServices } from "../../core/fleet/services.ts"
import type { AnyEvent } from "../../core/schema/event.ts"
import { poll } from "../support/appliances/command.ts"
import { type Appliance, canBootSystemd, createLab, type Lab } from "../support/appliances/systemd.ts"
import { runnerBundlePath } from "../support/ssh/runner-bundle.ts"

const systemd = canBootSystemd()
if (!systemd.ok) console.warn(`SKIPPED slow links: ${systemd.why}`)

const DELAY_MS = 100
const LOSS_PERCENT = 1

describe.skipIf(!systemd.ok)(`an appliance behind a slow link${systemd.ok ? "" : `: ${systemd.why}`}`, () => {
	let lab: Lab
	let alpha: Appliance
	beforeAll(async () => {
		lab = await createLab({ name: "slow" })
		alpha = await lab.boot("alpha", { homeserver: false })
	}, 480_000)
	afterAll(() => lab?.destroy(), 60_000)

	test("the relay delays each way and loses what it was told to", async () => {
		await startEcho(alpha)
		const before = await ping(alpha.host, 200)
		expect(before.lost).toBe(0)
		const link = await alpha.slowDown({ delayMs: DELAY_MS, lossPercent: 0 })
		const late = await ping(alpha.host, 200)
		expect(late.lost).toBe(0)
		// The quickest of them: what a busy machine adds to the others is no matter.
		expect(Math.min(...late.times)).toBeGreaterThanOrEqual(2 * DELAY_MS)
		expect(Math.min(...late.times)).toBeLessThan(2 * DELAY_MS + 100)
		// Both ways lose a tenth: 19 % of all that is sent does not come back.
		await link.set({ delayMs: 0, lossPercent: 10 })
		const { lost } = await ping(alpha.host, 2000)
		expect(lost).toBeGreaterThan(300)
		expect(lost).toBeLessThan(460)
		await link.set({ delayMs: 0, lossPercent: 100 })
		expect((await ping(alpha.host, 20)).lost).toBe(20)
		await link.remove()
		expect((await ping(alpha.host, 200)).lost).toBe(0)
	})

	test("100 ms each way and 1 % loss: installed, uploaded, run, cut, and followed to the end", async () => {
		const link = await alpha.slowDown({ delayMs: DELAY_MS, lossPercent: LOSS_PERCENT })
		const gate = "/tmp/gate"
		const folder = await makeModule(gate, "1.0.0")
		const services = await openServices(lab)
		const appliance = saveAppliance(services)
		const [started] = await services.runs.start({ folder, applianceIds: [appliance.id] })
		const id = started?.id ?? ""
		const events: AnyEvent[] = []
		const follow = async () => {
			for await (const event of services.runs.follow(id)) {
				events.push(event)
				if (event.type === "command-output" && "text" in event && String(event.text).includes("line 300"))
					await alpha.cutConnections()
			}
		}
		const following = follow()
		const becomes = (state: string) =>
			poll(`the run is ${state}`, 60, () => (services.runs.get(id).state === state ? true : undefined))
		await becomes("lost")
		await becomes("running")
		await alpha.execOk(`touch ${gate}`)
		await following

		expect(await services.runs.ended(id)).toMatchObject({ state: "finished", outcome: "applied" })
		expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1))
		expect(events.at(-1)).toMatchObject({ type: "run-finished", outcome: "applied" })
		const text = events.map((event) => (event.type === "command-output" ? event.text : "")).join("")
		expect(text).toBe(`${Array.from({ length: 300 }, (_, index) => `line ${index + 1}\n`).join("")}after\n`)
		expect((await alpha.execOk("stat -c %s /srv/large.bin")).trim()).toBe(String(LARGE))
		await link.remove()
	})

	test("content that is there already is not sent again, by whatever version", async () => {
		await alpha.execOk("touch /tmp/gate")
		const folder = await makeModule("/tmp/gate", "2.0.0")
		const services = await openServices(lab)
		const appliance = saveAppliance(services)
		const run = async () => {
			const before = await receivedBytes()
			const [started] = await services.runs.start({ folder, applianceIds: [appliance.id], force: true })
			expect(await services.runs.ended(started?.id ?? "")).toMatchObject({ outcome: "applied" })
			return (await receivedBytes()) - before
		}
		expect(await run()).toBeGreaterThan(LARGE)
		expect(await run()).toBeLessThan(LARGE / 8)
		const index = join(folder, "index.json")
		await writeFile(index, (await readFile(index, "utf8")).replace("2.0.0", "2.0.1"))
		expect(await run()).toBeLessThan(LARGE / 8)
	})

	const receivedBytes = async () => Number(/eth0:\s*(\d+)/.exec(await alpha.execOk("cat /proc/net/dev"))?.[1])
	const saveAppliance = (services: Services) =>
		services.appliances.save({
			name: "alpha",
			host: alpha.host,
			port: 22,
			user: "root",
			signIn: { method: "key", path: lab.identity },
			become: "none",
			tags: [],
			notes: "",
		})
})

/** Bytes that do not shrink: some hundred packets, so that some of them are lost. */
const LARGE = 400_000

async function makeModule(gate: string, version: string): Promise<string> {
	const folder = join(await mkdtemp(join(tmpdir(), "slow-module-")), "slow-fix")
	onTestFinished(() => rm(join(folder, ".."), { recursive: true, force: true }))
	await mkdir(join(folder, "src"), { recursive: true })
	await writeFile(join(folder, "src/large.bin"), randomBytes(LARGE))
	const closure = [
		"i=0; while [ $i -lt 300 ]; do i=$((i + 1)); echo line $i; done",
		`while [ ! -e ${gate} ]; do sleep 0.1; done`,
		"echo after",
	]
	const operations = [{ target: "large.bin", destination: "/srv/large.bin" }]
	const pools = [{ id: "slow", description: "over a slow link", operations, closure }]
	await writeFile(
		join(folder, "index.json"),
		JSON.stringify({ metadata: { schema_version: version, description: "slow" }, pools }),
	)
	return folder
}

async function openServices(lab: Lab) {
	const dataFolder = await mkdtemp(join(tmpdir(), "slow-data-"))
	const services = await createServices({
		dataFolder,
		host: "browser",
		version: "0.0.0",
		runnerBundle: await runnerBundlePath(),
		knownHosts: lab.knownHosts,
		asks: false,
	})
	onTestFinished(async () => {
		await services.close()
		await rm(dataFolder, { recursive: true, force: true })
	})
	return services
}

const ECHO_PORT = 7007

/** Answers each datagram with itself, until the appliance goes. */
async function startEcho(appliance: Appliance): Promise<void> {
	const script = `const s=require("dgram").createSocket("udp4");s.on("message",(m,f)=>s.send(m,f.port,f.address));s.bind(${ECHO_PORT})`
	await appliance.execOk(`setsid node -e '${script}' </dev/null >/dev/null 2>&1 &`)
	await poll("the echo listens", 20, async () => ((await ping(appliance.host, 1)).lost === 0 ? true : undefined))
}

/** One datagram a millisecond; how long each took that came back within a second after the last. */
async function ping(host: string, count: number): Promise<{ times: number[]; lost: number }> {
	const socket = createSocket("udp4")
	const sentAt: number[] = []
	const times: number[] = []
	socket.on("message", (bytes) => times.push(performance.now() - (sentAt[Number(bytes.toString())] ?? 0)))
	for (let index = 0; index < count; index++) {
		sentAt.push(performance.now())
		socket.send(String(index), ECHO_PORT, host)
		await new Promise((resolve) => setTimeout(resolve, 1))
	}
	await new Promise((resolve) => setTimeout(resolve, 1000))
	socket.close()
	return { times, lost: count - times.length }
}
