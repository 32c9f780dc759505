import { mkdir, mkdtemp, rm, truncate, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest"
import { type RunnerBundle, readRunnerBundle } from "../../core/fleet/runner-install/bundle.ts"
import type { Connect, Services } from "../../core/fleet/services/types.ts"
import { createServices } from "../../core/fleet/services.ts"
import { connectRunner } from "../../core/fleet/ssh/connect-runner.ts"
import { createCredentials } from "../../core/fleet/ssh/credentials.ts"
import { createKnownHosts } from "../../core/fleet/ssh/known-hosts.ts"
import type { DesktopRun } from "../../core/schema/desktop.ts"
import { type AnyEvent, isKnownEvent, type RunEvent } from "../../core/schema/event.ts"
import { FailureError } from "../../core/schema/failure.ts"
import type { Phase, PoolOutcome } from "../../core/schema/outcome.ts"
import { collectOutput, poll } from "../support/appliances/command.ts"
import { type Appliance, canBootSystemd, createLab, type Lab } from "../support/appliances/systemd.ts"
import { parseLines, startHotfix, waitForOutput } from "../support/hotfix.ts"
import { runnerBundlePath } from "../support/ssh/runner-bundle.ts"

const systemd = canBootSystemd()
if (!systemd.ok) console.warn(`SKIPPED cancelling on systemd appliances: ${systemd.why}`)

/** No process of ours is alive so long after a run has ended. */
const GONE_SECONDS = 5
const place = "/srv/cancel"
/** Commands that pass on what was there before, so that the way back is proved; on the new file they never end. */
const whileNew = (what: string) => `if grep -q new ${place}/a.conf; then ${what}; fi`
/** Children that ignore TERM, one in a session of its own, one that lost its parent, and one that cleared its environment. */
const stubborn = [
	"setsid sh -c 'trap \"\" TERM; while :; do sleep 1; done' &",
	"(setsid nohup sh -c 'trap \"\" TERM; while :; do sleep 1; done' >/dev/null 2>&1 &);",
	"env -i sh -c 'trap \"\" TERM; while :; do sleep 1; done' &",
	"trap '' TERM; echo hanging; while :; do sleep 1; done",
].join(" ")

const left = `
systemctl list-units --no-legend 'hotfix-run-*'
systemctl is-system-running | grep -v running
cd /proc
{
	grep -lza 'hotfix/runners/\\|while :; do sleep' [0-9]*/cmdline
	grep -lza '^HOTFIX_CLOSURE=' [0-9]*/environ
} 2>/dev/null | grep -v "^$1/" | while read -r file; do echo "$file $(tr '\\0' ' ' 2>/dev/null <"$(dirname "$file")/cmdline")"; done
true
`

interface ModuleShape {
	checks?: string[]
	closure?: string[]
	finalClosure?: string[]
	confirmSeconds?: number
	/** A pool before it, with its closure. */
	before?: string[]
	/** Bytes of the source: zeros behind its first line. */
	bytes?: number
}

describe.skipIf(!systemd.ok)(`cancelling on a systemd appliance${systemd.ok ? "" : `: ${systemd.why}`}`, () => {
	let lab: Lab
	let alpha: Appliance
	let bundle: RunnerBundle
	let data: string
	let services: Services
	let version = 0

	beforeAll(async () => {
		lab = await createLab({ name: "cancel" })
		alpha = await lab.boot("alpha", { homeserver: false })
		await alpha.execOk("cat >/root/left.sh", { input: left })
		bundle = await readRunnerBundle(await runnerBundlePath())
	}, 480_000)
	afterAll(() => lab?.destroy(), 60_000)
	beforeEach(async () => {
		data = await mkdtemp(join(tmpdir(), "hotfix-cancel-"))
		services = await createServices({
			dataFolder: data,
			host: "browser",
			version: "test",
			runnerBundle: await runnerBundlePath(),
			asks: false,
			connect: withoutConfirming,
		})
		await alpha.execOk(
			`rm -rf ${place}; mkdir -m 750 ${place}; printf old > ${place}/a.conf; chmod 640 ${place}/a.conf`,
		)
	})
	afterEach(async () => {
		await services.close()
		await rm(data, { recursive: true, force: true, maxRetries: 20 })
	})

	/** The real way there, but for confirmations, which never arrive: a pool goes on waiting until it is cancelled. */
	const withoutConfirming: Connect = async (appliance, { signal, onStarted }) => {
		const knownHosts = createKnownHosts({ ownFile: join(data, "known"), files: [lab.knownHosts] })
		const asker = { ask: async () => ({ kind: "refuse" as const }) }
		const deps = {
			asker,
			knownHosts,
			credentials: createCredentials(),
			runnerBundle: bundle,
			agentSocket: null,
			onStarted,
		}
		const port = await connectRunner(appliance, { ...deps, ...(signal && { signal }), deadlines: { connect: 2000 } })
		return { ...port, confirm: () => Promise.reject(new FailureError("connection-lost", {})) }
	}

	async function makeModule(shape: ModuleShape): Promise<string> {
		const folder = join(data, `module-${version}`, "cancel-fix")
		await mkdir(join(folder, "src"), { recursive: true })
		await writeFile(join(folder, "src/a"), "new\n")
		if (shape.bytes) await truncate(join(folder, "src/a"), shape.bytes)
		const { checks = [], closure = ["true"], finalClosure = [], confirmSeconds, before } = shape
		const operations = [
			{ target: "a", destination: `${place}/a.conf` },
			{ target: "a", destination: `${place}/made/deep/b.conf` },
		]
		const first = { id: "first", description: "", closure: before }
		const confirm = confirmSeconds === undefined ? {} : { confirmSeconds }
		const index = {
			metadata: { schema_version: `1.0.${version++}`, description: "" },
			pools: [
				...(before ? [{ ...first, operations: [{ target: "a", destination: `${place}/first.conf` }] }] : []),
				{ id: "p", description: "", operations, checks, closure, ...confirm },
			],
			finalClosure,
		}
		await writeFile(join(folder, "index.json"), JSON.stringify(index))
		return folder
	}

	async function start(shape: ModuleShape): Promise<DesktopRun> {
		const appliance = services.appliances.adHoc({
			host: alpha.host,
			port: 22,
			user: "root",
			signIn: { method: "key", path: lab.identity },
			become: "none",
			tags: [],
			notes: "",
		})
		const [run] = await services.runs.start({ folder: await makeModule(shape), applianceIds: [appliance.id] })
		if (!run) throw new Error("no run came back")
		return run
	}

	/** Bytes, modes, owners and times of everything there. */
	const look = () =>
		alpha.execOk(
			`cd ${place}; find . -type f -printf '%p %m %U:%G %T@ ' -exec sha256sum {} \\; | sort; find . -type d -printf '%p %m\\n' | sort`,
		)

	/** What is left of ours: units, programs that carry a mark or never end, runners. `lives`: a process that shall be there. */
	const leftovers = (lives = "none") => alpha.execOk(`sh /root/left.sh ${lives}`)

	async function expectNothingLeft(lives?: string): Promise<number> {
		const from = performance.now()
		const end = from + GONE_SECONDS * 1000
		for (let left = await leftovers(lives); left !== ""; left = await leftovers(lives))
			if (performance.now() > end) throw new Error(`after ${GONE_SECONDS} s there still is: ${left}`)
		return Math.round(performance.now() - from)
	}

	async function eventsOf(run: DesktopRun): Promise<RunEvent[]> {
		const events: AnyEvent[] = []
		for await (const event of services.runs.follow(run.id)) events.push(event)
		return events.filter(isKnownEvent)
	}

	const reasonOf = (events: RunEvent[]) =>
		events.flatMap((event) => (event.type === "pool-finished" && event.pool === "p" ? [event.reason] : []))[0]

	async function untilEvent(run: DesktopRun, is: (event: RunEvent) => boolean): Promise<void> {
		for await (const event of services.runs.follow(run.id)) if (isKnownEvent(event) && is(event)) return
		throw new Error(`what was waited for never came: ${JSON.stringify(services.runs.get(run.id))}`)
	}
	const hangsIn = (phase: Phase) => (event: RunEvent) =>
		event.type === "command-output" && event.phase === phase && event.text === "hanging\n"
	const isIn = (phase: Phase) => (event: RunEvent) => event.type === "phase-started" && event.phase === phase

	test("before and during the upload: nothing starts, and the connection ends", async () => {
		const before = await look()
		const run = await start({ bytes: 1 << 30 })
		await poll("bytes are sent", 60, () => (services.runs.get(run.id).upload?.sentBytes ? true : undefined))
		await services.runs.cancel(run.id)
		expect(await services.runs.ended(run.id)).toMatchObject({ state: "not-started", failure: { code: "cancelled" } })
		await expectNothingLeft()
		expect(await look()).toBe(before)
		expect((await alpha.execOk("ls -A /var/lib/hotfix/sources | grep -v '^[0-9a-f]*$' || true")).trim()).toBe("")
	})

	test.each<[string, ModuleShape, (event: RunEvent) => boolean, Phase[]]>([
		[
			"preflight, or as soon as it is over",
			{ bytes: 256 << 20, checks: [stubborn] },
			isIn("preflight"),
			["preflight", "baseline"],
		],
		["the checks before", { checks: [stubborn] }, hangsIn("baseline"), ["baseline"]],
		["the closure", { closure: ["echo first", whileNew(stubborn)] }, hangsIn("closure"), ["closure"]],
		["the checks after", { checks: [whileNew(stubborn)] }, hangsIn("checks"), ["checks"]],
		["the confirmation", { confirmSeconds: 300 }, isIn("confirm"), ["confirm"]],
	])("in %s: put back, and nothing of ours is left", async (_, shape, isThere, phases) => {
		const before = await look()
		const run = await start(shape)
		await untilEvent(run, isThere)
		const from = performance.now()
		await services.runs.cancel(run.id)
		await services.runs.cancel(run.id)
		const ended = await services.runs.ended(run.id)
		const took = Math.round(performance.now() - from)
		const gone = await expectNothingLeft()
		console.info(`cancelled in ${phases}: ended after ${took} ms, nothing left after ${gone} ms more`)
		expect(ended).toMatchObject({ state: "finished", outcome: "failed" })
		const reason = reasonOf(await eventsOf(run))
		expect(phases).toContain(reason?.phase)
		expect(reason?.message).toMatch(/cancelled/)
		expect(await look()).toBe(before)
		// Once more, when it is over: nothing happens, and nobody is bothered.
		await services.runs.cancel(run.id)
		expect(services.runs.get(run.id)).toEqual(ended)
	})

	test("in the final closure: it has failed, and what is applied stays", async () => {
		const run = await start({ finalClosure: [stubborn] })
		await untilEvent(run, hangsIn("final-closure"))
		await services.runs.cancel(run.id)
		expect(await services.runs.ended(run.id)).toMatchObject({
			state: "finished",
			outcome: "applied",
			finalClosure: { outcome: "failed", reason: { message: "command was cancelled" } },
		})
		await expectNothingLeft()
		expect(await alpha.execOk(`cat ${place}/a.conf`)).toBe("new\n")
	})

	test("what a pool that is applied left behind on purpose lives on", async () => {
		const daemon = "setsid sleep 500 >/dev/null 2>&1 & echo $! >/run/daemon"
		const run = await start({ before: [daemon], closure: [whileNew(stubborn)] })
		await untilEvent(run, hangsIn("closure"))
		const pid = (await alpha.execOk("cat /run/daemon")).trim()
		onTestFinished(() => void alpha.exec(`kill ${pid}`))
		await services.runs.cancel(run.id)
		expect(await services.runs.ended(run.id)).toMatchObject({ state: "finished", outcome: "failed" })
		await expectNothingLeft(pid)
		await alpha.execOk(`kill -0 ${pid}`)
	})

	test("a closure that takes long on the way back is waited for, and then nothing is left", async () => {
		const closure = [`if grep -q old ${place}/a.conf; then sleep 7; fi`, whileNew(stubborn)]
		const before = await look()
		const run = await start({ closure })
		await untilEvent(run, hangsIn("closure"))
		const from = performance.now()
		await services.runs.cancel(run.id)
		await untilEvent(run, isIn("reclosure"))
		expect(await look()).toBe(before)
		expect(await services.runs.ended(run.id)).toMatchObject({ state: "finished", outcome: "failed" })
		expect(performance.now() - from).toBeGreaterThan(7000)
		await expectNothingLeft()
		expect(await look()).toBe(before)
	})

	test("while the appliance cannot be reached: as soon as it can be", async () => {
		const before = await look()
		const run = await start({ closure: [whileNew(stubborn)] })
		await untilEvent(run, hangsIn("closure"))
		await alpha.linkDown()
		await services.runs.cancel(run.id).finally(() => alpha.linkUp())
		expect(await services.runs.ended(run.id)).toMatchObject({ state: "finished", outcome: "failed" })
		await expectNothingLeft()
		expect(await look()).toBe(before)
	})

	test.each<[string, ModuleShape, number, PoolOutcome]>([
		["the checks before", { checks: [stubborn] }, 1, "failed"],
		["the closure", { closure: [whileNew(stubborn)] }, 1, "failed"],
		["the final closure", { finalClosure: [stubborn] }, 5, "applied"],
	])("Ctrl-C on `hotfix run` in %s", async (_, shape, status, outcome) => {
		const before = await look()
		const args = ["--on", `root@${alpha.host}`, "--identity", lab.identity, "--known-hosts", lab.knownHosts, "--json"]
		const child = startHotfix(["run", await makeModule(shape), ...args], data)
		const ended = collectOutput(child)
		await waitForOutput(child, "hanging")
		child.kill("SIGINT")
		const result = await ended
		await expectNothingLeft()
		expect(result.status).toBe(status)
		expect(result.stderr).toMatch(/stopping at the next safe point/)
		expect(parseLines(result.stdout).at(-1)).toMatchObject({ type: "run-finished", outcome })
		if (outcome === "failed") expect(await look()).toBe(before)
	})
})
