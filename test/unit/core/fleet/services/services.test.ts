import { createHash } from "node:crypto"
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { setTimeout as sleep } from "node:timers/promises"
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest"
import type { Services, ServicesOptions } from "../../../../../core/fleet/services/types.ts"
import { createServices } from "../../../../../core/fleet/services.ts"
import type { RunnerPort } from "../../../../../core/protocol/runner-port.ts"
import type { Appliance } from "../../../../../core/schema/appliance.ts"
import type { DesktopRun, StateChange } from "../../../../../core/schema/desktop.ts"
import type { AnyEvent, EventBody } from "../../../../../core/schema/event.ts"
import { FailureError } from "../../../../../core/schema/failure.ts"
import type { HistoryRun } from "../../../../../core/schema/history.ts"
import type { PoolOutcome, Reason } from "../../../../../core/schema/outcome.ts"
import { makeAppliance } from "../make.ts"
import { createScriptedAppliance, GOOD_RUN, type ScriptedAppliance } from "../scripted-appliance.ts"

const INDEX = {
	metadata: { schema_version: "1.0.0" },
	pools: [
		{
			id: "web",
			description: "",
			operations: [{ target: "a.txt", destination: "/srv/a.txt" }],
			closure: ["test -s /srv/a.txt"],
		},
		{
			id: "backend",
			description: "",
			operations: [{ target: "b.txt", destination: "/srv/b.txt" }],
			closure: ["test -s /srv/a.txt"],
		},
	],
}
/** Everything of a run but its end. */
const BEGINNING: EventBody[] = GOOD_RUN.slice(0, -1)
const ENDING: EventBody[] = GOOD_RUN.slice(-1)

let root: string
let module: string
const opened: Services[] = []
const appliances = new Map<string, ScriptedAppliance>()

beforeEach(() => {
	root = mkdtempSync(join(tmpdir(), "hotfix-services-"))
	module = join(root, "hotfix")
	mkdirSync(join(module, "src"), { recursive: true })
	writeFileSync(join(module, "index.json"), JSON.stringify(INDEX))
	writeFileSync(join(module, "src", "a.txt"), "new a")
	writeFileSync(join(module, "src", "b.txt"), "new b")
	appliances.clear()
})
afterEach(async () => {
	await Promise.all(opened.splice(0).map((services) => services.close()))
	rmSync(root, { recursive: true, force: true })
})

const connect = async (appliance: Appliance, { signal }: { signal?: AbortSignal }): Promise<RunnerPort> => {
	const scripted = appliances.get(appliance.host)
	if (!scripted) throw new FailureError("unreachable", { host: appliance.host })
	return scripted.connect(signal)
}

async function open(options: Partial<ServicesOptions> = {}): Promise<Services> {
	const services = await createServices({
		dataFolder: join(root, "data"),
		host: "browser",
		version: "1.2.3",
		runnerBundle: "unused",
		connect,
		...options,
	})
	opened.push(services)
	return services
}
async function close(services: Services) {
	opened.splice(opened.indexOf(services), 1)
	await services.close()
	// A program that is asked to end twice ends once.
	await services.close()
}

/** An appliance in the fleet and what stands behind its address. */
function add(services: Services, name: string, script?: EventBody[]): { id: string; scripted: ScriptedAppliance } {
	const scripted = createScriptedAppliance(script)
	appliances.set(`${name}.test`, scripted)
	const { id: _, ...rest } = makeAppliance({ name, host: `${name}.test` })
	return { id: services.appliances.save(rest).id, scripted }
}

async function startOne(services: Services, id: string, more: { pools?: string[] } = {}): Promise<DesktopRun> {
	const [run] = await services.runs.start({ folder: module, applianceIds: [id], ...more })
	if (!run) throw new Error("no run came back")
	return run
}
async function events(stream: AsyncIterable<AnyEvent>): Promise<AnyEvent[]> {
	const all: AnyEvent[] = []
	for await (const event of stream) all.push(event)
	return all
}
const stateOf = (services: Services, run: DesktopRun) => services.runs.get(run.id).state

describe("a run", () => {
	test("goes from connecting to finished, is told step by step, and is history after", async () => {
		const services = await open()
		const { id, scripted } = add(services, "alpha")
		const told: StateChange[] = []
		const stop = new AbortController()
		const listening = (async () => {
			for await (const change of services.state.follow(stop.signal)) told.push(change)
		})()
		const run = await startOne(services, id)
		expect(run).toMatchObject({ state: "connecting", pools: [{ pool: "web" }, { pool: "backend" }], kind: "apply" })

		const ended = await services.runs.ended(run.id)
		expect(ended).toMatchObject({
			state: "finished",
			outcome: "applied",
			run: "r1",
			finalClosure: { outcome: "passed" },
		})
		expect(await events(services.runs.follow(run.id))).toHaveLength(GOOD_RUN.length)
		expect((await events(services.runs.follow(run.id, 3))).map(({ seq }) => seq)).toEqual([4, 5])
		expect(scripted.supplied).toHaveLength(2)
		expect(scripted.requests[0]).toMatchObject({ kind: "apply", force: false, by: expect.stringContaining("@") })
		expect(services.history.pools({})).toMatchObject({
			total: 1,
			results: [{ pool: "web", outcome: "applied", durationMs: 7, applianceName: "alpha", moduleVersion: "1.0.0" }],
		})
		expect(services.appliances.list()[0]).toMatchObject({ facts: { hostname: "alpha", systemd: true } })

		stop.abort()
		await listening
		const states = told.flatMap((change) => (change.type === "run-changed" ? [change.run.state] : []))
		expect(states.filter((state, i) => state !== states[i - 1])).toEqual([
			"connecting",
			"uploading",
			"running",
			"finished",
		])
		expect(told.map(({ seq }) => seq)).toEqual(told.map((_, i) => (told[0]?.seq ?? 0) + i))
		await until(() => expect(scripted.open).toBe(0))
	})

	test("is still the same after the program was closed and opened again", async () => {
		const first = await open()
		const { id } = add(first, "alpha")
		const run = await startOne(first, id)
		const ended = await first.runs.ended(run.id)
		const seen = await events(first.runs.follow(run.id))
		await close(first)

		const second = await open()
		expect(second.runs.get(run.id)).toEqual(ended)
		expect(second.state.snapshot().runs).toEqual([ended])
		expect(await events(second.runs.follow(run.id))).toEqual(seen)
	})

	test.each([
		[
			"busy",
			{ state: "busy" as const, run: "r9", since: "2026-01-01T00:00:00Z", by: "bob" },
			{ code: "busy", data: { run: "r9", since: "2026-01-01T00:00:00Z", by: "bob" } },
		],
		[
			"refused",
			{ state: "refused" as const, failure: { code: "refused-downgrade" as const, data: { installed: "2.0.0" } } },
			{ code: "refused-downgrade", data: { installed: "2.0.0" } },
		],
	])("that the appliance calls %s does not start, and says why", async (_name, startResult, failure) => {
		const services = await open()
		const { id, scripted } = add(services, "alpha")
		scripted.startResult = startResult
		const run = await startOne(services, id)
		expect(await services.runs.ended(run.id)).toMatchObject({ state: "not-started", failure })
		expect(await events(services.runs.follow(run.id))).toEqual([])
		expect(services.history.pools({}).total).toBe(0)
		expect(scripted.open).toBe(0)
	})

	test("on several appliances: one that cannot be reached does not hold up the others", async () => {
		const services = await open()
		const good = add(services, "alpha")
		const bad = add(services, "beta")
		appliances.delete("beta.test")
		const runs = await services.runs.start({ folder: module, applianceIds: [bad.id, good.id, good.id] })
		expect(runs.map(({ applianceName }) => applianceName)).toEqual(["beta", "alpha"])
		expect(new Set(runs.map(({ batch }) => batch)).size).toBe(1)
		const ended = await Promise.all(runs.map(({ id }) => services.runs.ended(id)))
		expect(ended.map(({ state }) => state)).toEqual(["not-started", "finished"])
		expect(services.appliances.list().find(({ name }) => name === "beta")?.lastFailure?.code).toBe("unreachable")
	})

	test("no more than 16 are brought to their start at once; followed ones do not count", async () => {
		const services = await open()
		let now = 0
		let most = 0
		const ids = Array.from({ length: 40 }, (_, i) => {
			const { id, scripted } = add(services, `a${i}`, BEGINNING)
			scripted.connecting = async () => {
				most = Math.max(most, ++now)
				await sleep(5)
				now--
			}
			return id
		})
		const runs = await services.runs.start({ folder: module, applianceIds: ids })
		await until(() => expect(runs.map((run) => stateOf(services, run))).toEqual(ids.map(() => "running")))
		expect(most).toBe(16)
		for (const scripted of appliances.values()) scripted.say("r1", ENDING)
		await Promise.all(runs.map(({ id }) => services.runs.ended(id)))
	})

	test("whose module has a fault starts nowhere, with every finding", async () => {
		const services = await open()
		const { id, scripted } = add(services, "alpha")
		rmSync(join(module, "src", "a.txt"))
		const failure = await failureOf(services.runs.start({ folder: module, applianceIds: [id] }))
		expect(failure).toMatchObject({
			code: "module-faulty",
			findings: expect.arrayContaining([expect.objectContaining({ severity: "fault" })]),
		})
		expect(await failureOf(services.runs.start({ folder: join(root, "nowhere"), applianceIds: [id] }))).toMatchObject({
			code: "module-unreadable",
		})
		expect(scripted.opened).toBe(0)
		expect(services.state.snapshot().runs).toEqual([])
	})

	test("of a pool that there is not, or on an appliance that there is not, is refused", async () => {
		const services = await open()
		const { id } = add(services, "alpha")
		expect(
			await failureOf(services.runs.start({ folder: module, applianceIds: [id], pools: ["web", "nope"] })),
		).toEqual({
			code: "unknown-pool",
			data: { pool: ["nope"], known: ["web", "backend"] },
		})
		expect(await failureOf(services.runs.start({ folder: module, applianceIds: ["nobody"] }))).toMatchObject({
			code: "not-found",
		})
	})

	test("the start does not wait until the appliance says that it has stored all", async () => {
		const services = await open()
		const { id, scripted } = add(services, "alpha")
		scripted.storing = () => until(() => expect(scripted.requests).toHaveLength(1))
		const run = await startOne(services, id)
		expect(await services.runs.ended(run.id)).toMatchObject({ state: "finished", outcome: "applied" })
		expect(scripted.attachedAfter).toEqual([0])
	})

	test("a content that cannot be stored is the reason why the run does not start", async () => {
		const services = await open()
		const { id, scripted } = add(services, "alpha")
		scripted.storing = async () => {
			await until(() => expect(scripted.requests).toHaveLength(1))
			throw new FailureError("disk-full", { path: "/var/lib/hotfix" })
		}
		scripted.starting = () =>
			Promise.reject(new FailureError("bad-request", { reason: "1 contents were not supplied" }))
		const run = await startOne(services, id)
		const failure = { code: "disk-full", data: { path: "/var/lib/hotfix" } }
		expect(await services.runs.ended(run.id)).toMatchObject({ state: "not-started", failure })
	})
})

describe("an appliance", () => {
	test("that was removed comes back under its own id, and with it its history; a made-up id is refused", async () => {
		const services = await open()
		const appliance = services.appliances.save(makeAppliance({ id: undefined }))
		services.appliances.remove(appliance.id)
		expect(services.appliances.list()).toEqual([])
		expect(services.appliances.save(appliance).id).toBe(appliance.id)
		expect(services.appliances.list().map(({ id }) => id)).toEqual([appliance.id])
		expect(() => services.appliances.save({ ...appliance, id: "made-up" })).toThrow(FailureError)
	})
})

test("what is brought before the runner answers is told step by step, and what the connection is is kept", async () => {
	const session = { keyType: "ssh-ed25519", fingerprint: "SHA256:a", method: "publickey", cipher: "c", kex: "k" }
	const services = await open({
		connect: async (appliance, deps) => {
			deps.onProgress?.({ step: "connecting", sentBytes: 0, totalBytes: 0 })
			for (const step of ["installing", "runtime"])
				for (const sentBytes of [1, 2, 3]) deps.onProgress?.({ step, sentBytes, totalBytes: 3 })
			return { ...(await connect(appliance, deps)), session }
		},
	})
	const { id } = add(services, "alpha")
	const told: unknown[] = []
	const reader = new AbortController()
	const reading = (async () => {
		for await (const change of services.state.follow(reader.signal))
			if (change.type === "run-changed" && change.run.upload) told.push(change.run.upload)
	})()
	await services.runs.ended((await startOne(services, id)).id)
	reader.abort()
	await reading
	// Neither a step nor an end is left out; what comes in between within 200 ms is.
	expect(told.slice(0, 4)).toEqual([
		{ step: "installing", sentBytes: 1, totalBytes: 3 },
		{ step: "installing", sentBytes: 3, totalBytes: 3 },
		{ step: "runtime", sentBytes: 1, totalBytes: 3 },
		{ step: "runtime", sentBytes: 3, totalBytes: 3 },
	])
	expect(told.at(-1)).toMatchObject({ step: "contents" })
	expect(services.appliances.list()[0]?.facts?.connection).toEqual({ ...session, via: [] })
})

describe("a lost connection", () => {
	test("is told, and the run is followed anew without gap or double", async () => {
		const services = await open()
		const { id, scripted } = add(services, "alpha", BEGINNING)
		const run = await startOne(services, id)
		const followed = events(services.runs.follow(run.id))
		await until(() => expect(stateOf(services, run)).toBe("running"))
		scripted.cut()
		await until(() =>
			expect(services.runs.get(run.id)).toMatchObject({ state: "lost", failure: { code: "connection-lost" } }),
		)
		expect(Date.parse(services.runs.get(run.id).retryAt ?? "") - Date.now()).toBeGreaterThan(0)
		scripted.say("r1", ENDING)
		expect(await services.runs.ended(run.id)).toMatchObject({ state: "finished", outcome: "applied" })
		expect((await followed).map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5])
		expect(services.runs.get(run.id).failure).toBeUndefined()
		expect(services.runs.get(run.id).retryAt).toBeUndefined()
	}, 120_000)

	test("after which the runner over there is dead: its run is recovered", async () => {
		const services = await open()
		const { id, scripted } = add(services, "alpha", BEGINNING)
		const run = await startOne(services, id)
		await until(() => expect(stateOf(services, run)).toBe("running"))
		scripted.interrupted.push("r1")
		scripted.cut()
		expect(await services.runs.ended(run.id)).toMatchObject({ state: "finished", outcome: "failed" })
		expect(scripted.recovered).toBe(1)
	}, 120_000)

	test("after which the appliance recovers by itself: the run is followed to its end", async () => {
		const services = await open()
		const { id, scripted } = add(services, "alpha", BEGINNING)
		const run = await startOne(services, id)
		await until(() => expect(stateOf(services, run)).toBe("running"))
		scripted.interrupted.push("r1")
		scripted.isRecovering = true
		scripted.cut()
		await until(() => expect(scripted.attachedAfter).toHaveLength(2))
		scripted.say("r1", [{ type: "run-finished", outcome: "failed", interrupted: true }])
		expect(await services.runs.ended(run.id)).toMatchObject({ state: "finished", outcome: "failed" })
		expect(scripted.recovered).toBe(0)
	}, 120_000)

	test("that needs a person stays lost; a test of the appliance that passes takes the run up again", async () => {
		const services = await open()
		const { id, scripted } = add(services, "alpha", BEGINNING)
		const run = await startOne(services, id)
		await until(() => expect(stateOf(services, run)).toBe("running"))
		scripted.refusals.push(new FailureError("host-key-changed", { host: "alpha.test" }))
		scripted.cut()
		await until(() => expect(services.runs.get(run.id).failure?.code).toBe("host-key-changed"))
		expect(stateOf(services, run)).toBe("lost")
		expect(services.runs.get(run.id).retryAt).toBeUndefined()
		scripted.say("r1", ENDING)
		await services.appliances.test(id)
		expect(await services.runs.ended(run.id)).toMatchObject({ state: "finished", outcome: "applied" })
	}, 120_000)

	test("that needs a person ends the waiting of a command line", async () => {
		const services = await open({ host: "cli" })
		const { id, scripted } = add(services, "alpha", BEGINNING)
		const run = await startOne(services, id)
		await until(() => expect(stateOf(services, run)).toBe("running"))
		scripted.refusals.push(new FailureError("authentication-failed", {}))
		scripted.cut()
		expect(await events(services.runs.follow(run.id))).toHaveLength(BEGINNING.length)
		expect(await services.runs.ended(run.id)).toMatchObject({
			state: "lost",
			failure: { code: "authentication-failed" },
		})
	}, 120_000)

	test("to an appliance that forgot the run ends it without an outcome", async () => {
		const services = await open()
		const { id, scripted } = add(services, "alpha", BEGINNING)
		const run = await startOne(services, id)
		await until(() => expect(stateOf(services, run)).toBe("running"))
		scripted.forget("r1")
		scripted.cut()
		const ended = await services.runs.ended(run.id)
		expect(ended).toMatchObject({ state: "finished", failure: { code: "unknown-run" } })
		expect(ended.outcome).toBeUndefined()
	}, 120_000)

	test("while contents are sent: the run is not started", async () => {
		const services = await open()
		const { id, scripted } = add(services, "alpha")
		scripted.supplying = async () => scripted.cut()
		const run = await startOne(services, id)
		expect(await services.runs.ended(run.id)).toMatchObject({
			state: "not-started",
			failure: { code: "connection-lost" },
		})
	})

	test("before the start was answered: the run is found again and followed to its end", async () => {
		const services = await open()
		const { id, scripted } = add(services, "alpha", [...BEGINNING, ...ENDING])
		scripted.answering = async () => scripted.cut()
		const run = await startOne(services, id)
		expect(await services.runs.ended(run.id)).toMatchObject({ state: "finished", outcome: "applied" })
		expect(scripted.settled).toHaveLength(1)
		expect(scripted.requests).toHaveLength(1)
		expect((await events(services.runs.follow(run.id))).map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5])
	}, 120_000)

	test("before the start arrived: once the appliance says so, the run is not started, and nothing was changed", async () => {
		const services = await open()
		const { id, scripted } = add(services, "alpha")
		scripted.starting = () => new Promise(() => setTimeout(scripted.cut, 10))
		const told = Promise.withResolvers<void>()
		scripted.settling = () => told.promise
		const run = await startOne(services, id)
		await until(() => expect(services.runs.get(run.id)).toMatchObject({ state: "lost", isDoubtful: true }))
		told.resolve()
		expect(await services.runs.ended(run.id)).toMatchObject({
			state: "not-started",
			failure: { code: "connection-lost", data: { reason: expect.stringContaining("has changed nothing") } },
		})
		expect(scripted.settled).toHaveLength(1)
	}, 120_000)

	test("before the start was answered, and the appliance was busy: that is why it is not started", async () => {
		const services = await open()
		const { id, scripted } = add(services, "alpha")
		scripted.startResult = { state: "busy", run: "other", since: "2026-01-01T00:00:00Z" }
		scripted.answering = async () => scripted.cut()
		const run = await startOne(services, id)
		expect(await services.runs.ended(run.id)).toMatchObject({
			state: "not-started",
			failure: { code: "busy", data: { run: "other" } },
		})
	}, 120_000)

	test("before the start was answered, and it was cancelled meanwhile: it is cancelled when it is found", async () => {
		const services = await open()
		const { id, scripted } = add(services, "alpha", BEGINNING)
		scripted.answering = async () => scripted.cut()
		const told = Promise.withResolvers<void>()
		scripted.settling = () => told.promise
		const run = await startOne(services, id)
		await until(() => expect(scripted.settled).toHaveLength(1))
		// It has not begun yet: there is nothing that could be cancelled.
		scripted.forget("r1")
		await services.runs.cancel(run.id)
		expect(scripted.cancelled).toEqual([])
		scripted.say("r1", BEGINNING)
		told.resolve()
		expect(await services.runs.ended(run.id)).toMatchObject({ state: "finished", outcome: "failed" })
		expect(scripted.cancelled).toEqual(["r1"])
	}, 120_000)

	test("before the start was answered, and this program ended: the next one finds the run", async () => {
		const first = await open()
		const { id, scripted } = add(first, "alpha", [...BEGINNING, ...ENDING])
		scripted.answering = async () => scripted.cut()
		scripted.settling = () => new Promise(() => {})
		const run = await startOne(first, id)
		await until(() => expect(scripted.settled).toHaveLength(1))
		await close(first)
		scripted.settling = async () => {}
		const second = await open()
		expect(await second.runs.ended(run.id)).toMatchObject({ state: "finished", outcome: "applied" })
		expect(scripted.requests).toHaveLength(1)
	}, 120_000)
})

describe("a program that closes in the middle", () => {
	test("leaves the run to the next one, which follows it to its end, without gap or double", async () => {
		const first = await open()
		const { id, scripted } = add(first, "alpha", BEGINNING)
		const run = await startOne(first, id)
		await until(() => expect(stateOf(first, run)).toBe("running"))
		await close(first)
		expect(scripted.open).toBe(0)
		scripted.say("r1", ENDING)

		const commandLine = await open({ host: "cli" })
		await sleep(50)
		expect(stateOf(commandLine, run)).toBe("running")
		await close(commandLine)

		const second = await open()
		expect(await second.runs.ended(run.id)).toMatchObject({ state: "finished", outcome: "applied" })
		expect(scripted.attachedAfter).toEqual([0, BEGINNING.length])
		expect((await events(second.runs.follow(run.id))).map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5])
		expect(second.history.pools({}).total).toBe(1)
	})

	test("a run on an ad-hoc appliance is taken up as well", async () => {
		const first = await open({ host: "cli" })
		const scripted = createScriptedAppliance(BEGINNING)
		appliances.set("adhoc.test", scripted)
		const { id, name, ...rest } = makeAppliance({ host: "adhoc.test" })
		const run = await startOne(first, first.appliances.adHoc(rest).id)
		await until(() => expect(stateOf(first, run)).toBe("running"))
		await close(first)
		scripted.say("r1", ENDING)
		const second = await open()
		expect(await second.runs.ended(run.id)).toMatchObject({ outcome: "applied", applianceName: "root@adhoc.test:22" })
	})

	test("a run that may lock us out for a while is waited for as long as before", async () => {
		const index = JSON.parse(readFileSync(join(module, "index.json"), "utf8"))
		const pools = index.pools.map((pool: object) => ({ ...pool, confirmSeconds: 60 }))
		writeFileSync(join(module, "index.json"), JSON.stringify({ ...index, pools }))
		const first = await open()
		const { id, scripted } = add(first, "alpha", BEGINNING)
		const run = await startOne(first, id)
		await until(() => expect(stateOf(first, run)).toBe("running"))
		await close(first)
		scripted.refusals.push(new FailureError("authentication-failed", {}))
		scripted.say("r1", ENDING)
		expect((await (await open()).runs.ended(run.id)).outcome).toBe("applied")
		expect(scripted.refusals).toEqual([])
	})

	test("a run that had not started yet is said not to have", async () => {
		const services = await open()
		const { id, scripted } = add(services, "alpha")
		scripted.connecting = () => new Promise(() => {})
		const run = await startOne(services, id)
		await close(services)
		expect((await open()).runs.get(run.id)).toMatchObject({ state: "not-started", failure: { code: "cancelled" } })
	})

	test("a run of a program that was killed is taken up", async () => {
		const first = await open()
		const { id, scripted } = add(first, "alpha", BEGINNING)
		const run = await startOne(first, id)
		await until(() => expect(stateOf(first, run)).toBe("running"))
		await close(first)
		const db = new DatabaseSync(join(root, "data", "hotfix.sqlite"))
		// This very process id, but of another start: the number was given out again.
		db.exec(`UPDATE runs SET owner = '${process.pid}:1'`)
		db.close()
		scripted.say("r1", ENDING)
		expect((await (await open()).runs.ended(run.id)).outcome).toBe("applied")
	})

	test("a run of a program that still lives is left to it, and shown as it goes on", async () => {
		const commandLine = await open({ host: "cli" })
		const { id, scripted } = add(commandLine, "alpha", BEGINNING)
		const run = await startOne(commandLine, id)
		await until(() => expect(stateOf(commandLine, run)).toBe("running"))

		const app = await open()
		expect(stateOf(app, run)).toBe("running")
		expect(scripted.opened).toBe(1)
		const followed = events(app.runs.follow(run.id))
		scripted.say("r1", ENDING)
		await commandLine.runs.ended(run.id)
		expect((await app.runs.ended(run.id)).outcome).toBe("applied")
		expect((await followed).map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5])
	})
})

describe("cancelling", () => {
	test("before the start: nothing starts", async () => {
		const services = await open()
		const { id, scripted } = add(services, "alpha")
		scripted.connecting = () => new Promise(() => {})
		const run = await startOne(services, id)
		await services.runs.cancel(run.id)
		expect(await services.runs.ended(run.id)).toMatchObject({ state: "not-started", failure: { code: "cancelled" } })
		expect(scripted.requests).toEqual([])
	})

	test("during the upload: nothing starts and the connection is closed", async () => {
		const services = await open()
		const { id, scripted } = add(services, "alpha")
		scripted.supplying = () => new Promise(() => {})
		const run = await startOne(services, id)
		await until(() => expect(stateOf(services, run)).toBe("uploading"))
		await services.runs.cancel(run.id)
		expect((await services.runs.ended(run.id)).state).toBe("not-started")
		expect(scripted.requests).toEqual([])
		expect(scripted.open).toBe(0)
	})

	test("after the start: the appliance is asked to stop", async () => {
		const services = await open()
		const { id, scripted } = add(services, "alpha", BEGINNING)
		const run = await startOne(services, id)
		await until(() => expect(stateOf(services, run)).toBe("running"))
		await services.runs.cancel(run.id)
		expect(scripted.cancelled).toEqual(["r1"])
		expect(await services.runs.ended(run.id)).toMatchObject({ state: "finished", outcome: "failed" })
		await services.runs.cancel(run.id)
		expect(scripted.cancelled).toHaveLength(1)
	})

	test("while the appliance cannot be reached: it is asked as soon as it can be, once", async () => {
		const services = await open()
		const { id, scripted } = add(services, "alpha", BEGINNING)
		const run = await startOne(services, id)
		await until(() => expect(stateOf(services, run)).toBe("running"))
		scripted.refusals.push(new FailureError("refused", {}), new FailureError("timed-out", {}))
		await services.runs.cancel(run.id)
		await services.runs.cancel(run.id)
		expect(scripted).toMatchObject({ refusals: [], cancelled: [] })
		expect(await services.runs.ended(run.id)).toMatchObject({ state: "finished", outcome: "failed" })
		expect(scripted.cancelled).toEqual(["r1"])
	})

	test("while the appliance cannot be reached, and this program ends: the next one asks", async () => {
		const first = await open()
		const { id, scripted } = add(first, "alpha", BEGINNING)
		const run = await startOne(first, id)
		await until(() => expect(stateOf(first, run)).toBe("running"))
		scripted.refusals.push(new FailureError("refused", {}))
		await first.runs.cancel(run.id)
		await close(first)
		expect(scripted.cancelled).toEqual([])
		const second = await open()
		expect(await second.runs.ended(run.id)).toMatchObject({ state: "finished", outcome: "failed" })
		expect(scripted.cancelled).toEqual(["r1"])
	})

	test("where a person must act first, that is said, and cancelling again works", async () => {
		const services = await open()
		const { id, scripted } = add(services, "alpha", BEGINNING)
		const run = await startOne(services, id)
		await until(() => expect(stateOf(services, run)).toBe("running"))
		scripted.refusals.push(new FailureError("host-key-changed", {}))
		await expect(services.runs.cancel(run.id)).rejects.toMatchObject({ failure: { code: "host-key-changed" } })
		await services.runs.cancel(run.id)
		expect(scripted.cancelled).toEqual(["r1"])
	})

	test("what the appliance knows nothing of has nothing to stop", async () => {
		const services = await open()
		const { id, scripted } = add(services, "alpha", BEGINNING)
		const run = await startOne(services, id)
		await until(() => expect(stateOf(services, run)).toBe("running"))
		scripted.refusals.push(new FailureError("unknown-run", { run: "r1" }))
		await services.runs.cancel(run.id)
		expect(scripted.cancelled).toEqual([])
	})

	test("while it is being started, and then it cannot be reached: the run is followed, and cancelled", async () => {
		const services = await open()
		const { id, scripted } = add(services, "alpha", BEGINNING)
		let begin = () => {}
		scripted.starting = () => new Promise((resolve) => (begin = resolve))
		const run = await startOne(services, id)
		await until(() => expect(scripted.requests).toHaveLength(1))
		await services.runs.cancel(run.id)
		scripted.refusals.push(new FailureError("unreachable", {}))
		begin()
		await until(() => expect(stateOf(services, run)).toBe("running"))
		expect(await services.runs.ended(run.id)).toMatchObject({ state: "finished", outcome: "failed" })
		expect(scripted.cancelled).toEqual(["r1"])
	})

	test("while the appliance is being asked, which is then lost: it is asked again what became of the run", async () => {
		const services = await open()
		const { id, scripted } = add(services, "alpha")
		scripted.starting = () => new Promise(() => {})
		const run = await startOne(services, id)
		await until(() => expect(scripted.requests).toHaveLength(1))
		await services.runs.cancel(run.id)
		scripted.cut()
		const ended = await services.runs.ended(run.id)
		expect(ended).toMatchObject({ state: "not-started", failure: { code: "connection-lost" } })
		expect(ended.failure?.data.reason).toMatch(/it did not begin/)
		expect(scripted.settled).toHaveLength(1)
	})

	test("an appliance that never says whether it starts does not keep this program from ending", async () => {
		const services = await open()
		const { id, scripted } = add(services, "alpha")
		scripted.starting = () => new Promise(() => {})
		const run = await startOne(services, id)
		await until(() => expect(scripted.requests).toHaveLength(1))
		await close(services)
		const failure = (await open()).runs.get(run.id).failure
		expect(failure).toMatchObject({ code: "connection-lost" })
	})

	test("what arrives after it was given up is closed", async () => {
		const services = await open()
		const { id, scripted } = add(services, "alpha")
		let arrive = () => {}
		scripted.connecting = () => new Promise((resolve) => (arrive = resolve))
		const run = await startOne(services, id)
		await services.runs.cancel(run.id)
		await services.runs.ended(run.id)
		arrive()
		await until(() => expect(scripted).toMatchObject({ opened: 1, open: 0 }))
	})
})

describe("a rollout", () => {
	test("taken up by another program looks for its runs where it met the appliances, whatever the fleet says by then", async () => {
		const first = await open()
		const { id, scripted } = add(first, "alpha", BEGINNING)
		const other = createScriptedAppliance()
		appliances.set("other.test", other)
		const { id: rollout } = await first.rollouts.start({
			...{ folder: module, applianceIds: [id], force: false, allowDowngrade: false },
			policy: {
				...{ waves: [], gate: { kind: "none" }, atOnce: 1, perJump: 1 },
				budget: { wave: {}, whole: {} },
				unreachable: { budget: {}, retrySeconds: 60, expireSeconds: 600 },
			},
		})
		await until(() => expect(first.state.snapshot().runs[0]?.run).toBeDefined())
		first.appliances.save(makeAppliance({ id, name: "alpha", host: "other.test" }))
		await close(first)

		const { opened } = scripted
		const second = await open()
		await until(() => expect(scripted.opened).toBeGreaterThan(opened))
		const { run = "" } = second.state.snapshot().runs[0] ?? {}
		scripted.say(run, ENDING)
		await until(() => expect(second.rollouts.get(rollout).status.state).toBe("finished"))
		expect(second.rollouts.get(rollout).targets[0]?.standing).toMatchObject({ state: "ended", outcome: "applied" })
		expect(other.opened).toBe(0)
	})
})

describe("confirming", () => {
	const WAITING: EventBody[] = [...GOOD_RUN.slice(0, 3), { type: "phase-started", pool: "web", phase: "confirm" }]
	const END: EventBody[] = [{ type: "run-finished", outcome: "applied" }]

	test("what cannot be reached is tried again, what the appliance has decided is not", async () => {
		const services = await open()
		const { id, scripted } = add(services, "alpha", WAITING)
		const lost = async () => Promise.reject(new FailureError("connection-lost", {}))
		scripted.confirming = lost
		await startOne(services, id)
		await until(() => expect(scripted.confirmed.length).toBeGreaterThan(1))
		scripted.confirming = async () => Promise.reject(new FailureError("not-waiting", {}))
		const { length } = scripted.confirmed
		await until(() => expect(scripted.confirmed).toHaveLength(length + 1))
		scripted.confirming = lost
		await new Promise((resolve) => setTimeout(resolve, 1500))
		expect(scripted.confirmed).toHaveLength(length + 1)
	})

	test("a program that ended while the pool waits: the next one confirms it", async () => {
		const first = await open()
		const { id, scripted } = add(first, "alpha", WAITING)
		scripted.confirming = async () => Promise.reject(new FailureError("connection-lost", {}))
		const run = await startOne(first, id)
		await until(() => expect(scripted.confirmed).toHaveLength(1))
		await close(first)
		let isConfirmed = false
		scripted.confirming = async () => {
			isConfirmed = true
		}
		const second = await open()
		await until(() => expect(isConfirmed).toBe(true))
		scripted.say("r1", END)
		expect(await second.runs.ended(run.id)).toMatchObject({ state: "finished", outcome: "applied" })
	})
})

describe("history", () => {
	const made = (run: string, turn: number, year: number, outcome: PoolOutcome) => {
		const [startedAt, finishedAt] = [`${year}-01-01T00:00:00Z`, `${year}-01-01T00:01:00Z`]
		const pools = remembered(run).pools.map((pool) => ({ ...pool, outcome, finishedAt }))
		return remembered(run, { turn, startedAt, finishedAt, outcome, pools })
	}
	const remembered = (run: string, change: Partial<HistoryRun> = {}): HistoryRun => ({
		run,
		kind: "apply",
		module: { name: "hotfix", version: "0.9.0", digest: "0".repeat(64) },
		startedAt: "2025-01-01T00:00:00Z",
		finishedAt: "2025-01-01T00:01:00Z",
		state: "finished",
		outcome: "failed",
		pools: [
			{
				pool: "web",
				outcome: "failed",
				reason: { phase: "closure", message: "m" },
				phases: [],
				files: [],
				commands: [],
				durationMs: 9,
			},
		],
		...change,
	})

	test("of the appliance is taken over once; what is known already or still open is not", async () => {
		const services = await open()
		const { id, scripted } = add(services, "alpha")
		const run = await startOne(services, id)
		await services.runs.ended(run.id)
		scripted.history = [
			remembered("r1"),
			remembered("old"),
			remembered("going-on", { state: "open", outcome: undefined }),
		]

		expect(await services.history.sync(id)).toEqual({ added: 1 })
		expect(await services.history.sync(id)).toEqual({ added: 0 })
		const { total, results } = services.history.pools({ applianceId: id })
		expect(total).toBe(2)
		expect(results.map(({ outcome, moduleVersion }) => [outcome, moduleVersion])).toEqual([
			["applied", "1.0.0"],
			["failed", "0.9.0"],
		])
		expect(services.runs.get(run.id).outcome).toBe("applied")
		expect(await services.history.fetch(id, {})).toHaveLength(3)
	})

	test("where a pool stands is told by the order in which the appliance made its runs, whatever its clock said", async () => {
		const services = await open()
		const { id, scripted } = add(services, "alpha")
		const standing = () => services.history.grid({}).appliances[0]?.cells[0]?.outcome
		scripted.history = [made("ahead", 1, 2070, "failed")]
		await services.history.sync(id)
		expect(standing()).toBe("failed")
		scripted.history = [made("corrected", 2, 2025, "applied"), ...scripted.history]
		await services.history.sync(id)
		expect(standing()).toBe("applied")
		scripted.history = [made("behind", 3, 1970, "degraded"), ...scripted.history]
		await services.history.sync(id)
		expect(standing()).toBe("degraded")
		// Its clock is shown as it is.
		expect(services.history.pools({}).results.map(({ finishedAt }) => finishedAt.slice(0, 4))).toEqual([
			...["2070", "2025", "1970"],
		])
	})

	test.each([
		["ahead", 2070],
		["behind", 1970],
	])(
		"of an appliance restored from a backup: a pool stands where it was brought since, by a clock that is %s",
		async (_, year) => {
			const services = await open()
			const { id, scripted } = add(services, "alpha")
			const kept = made("kept", 1, 2024, "applied")
			scripted.history = [made("gone", 2, 2025, "failed"), kept]
			await services.history.sync(id)
			scripted.history = [made("since", 2, year, "degraded"), kept]
			await services.history.sync(id)
			expect(services.history.grid({}).appliances[0]?.cells[0]?.outcome).toBe("degraded")
		},
	)

	test("what is told late counts as before a run that still goes on, by any clock", async () => {
		const services = await open()
		const { id, scripted } = add(services, "alpha", BEGINNING)
		const run = await startOne(services, id)
		await until(() => expect(services.history.pools({}).total).toBe(1))
		const goingOn = remembered("r1", { turn: 2, state: "open", outcome: undefined, pools: [] })
		scripted.history = [goingOn, made("late", 1, 2070, "failed")]
		await services.history.sync(id)
		expect(services.history.pools({}).total).toBe(2)
		expect(services.history.grid({ moduleName: "hotfix" }).appliances[0]?.cells[0]?.outcome).toBe("applied")
		scripted.say("r1", ENDING)
		await services.runs.ended(run.id)
	})

	test("what an appliance says of a run's end is kept no longer than honest ones are", async () => {
		const services = await open()
		const { id, scripted } = add(services, "alpha")
		const long = "x".repeat(1 << 20)
		const reason: Reason = { phase: "closure", message: long, command: long, output: long }
		scripted.history = [remembered("endless", { finalClosure: { outcome: "failed", why: long, reason } })]
		await services.history.sync(id)
		expect(JSON.stringify(services.state.snapshot().runs).length).toBeLessThan(50_000)
	})

	test("of what an appliance told its share is kept, the newest", async () => {
		const services = await open()
		const { id, scripted } = add(services, "alpha")
		scripted.history = [remembered("large", { outcome: "degraded" })]
		await services.history.sync(id)
		const db = new DatabaseSync(join(root, "data", "hotfix.sqlite"))
		db.exec("UPDATE runs SET body = json_set(body, '$.padding', hex(zeroblob(33 << 20)))")
		db.close()
		scripted.history.unshift(remembered("new", { startedAt: "2025-01-02T00:00:00Z" }))
		expect(await services.history.sync(id)).toEqual({ added: 1 })
		expect(services.history.pools({ applianceId: id }).total).toBe(1)
	})

	test("what was seen of it stays known, is told where it is not so any more, and is let go by a person", async () => {
		let services = await open()
		const { id, scripted } = add(services, "alpha")
		const digestOf = (run: string) => createHash("sha256").update(run).digest("hex")
		const seal = (run: string, number: number, previous?: string) =>
			remembered(run, { seal: { number, digest: digestOf(run), ...(previous && { previous: digestOf(previous) }) } })
		const pastOf = () => services.state.snapshot().appliances.find((one) => one.id === id)?.past
		scripted.history = [seal("one", 1)]
		await services.history.sync(id)
		// The record of a run that is not over may be written once more.
		scripted.history = [seal("two", 2, "one"), seal("one", 1)]
		scripted.running = "two"
		await services.history.sync(id)
		expect(pastOf()).toMatchObject({ head: { number: 1, digest: digestOf("one") } })
		scripted.running = undefined
		await services.history.sync(id)
		await close(services)

		services = await open()
		expect(pastOf()).toEqual({
			head: { number: 2, digest: digestOf("two"), seenAt: expect.any(String) },
			known: [],
		})
		scripted.history = [seal("other", 2, "one"), seal("one", 1)]
		await services.history.sync(id)
		expect(pastOf()).toMatchObject({ head: { digest: digestOf("two") }, fault: { kind: "changed", number: 2 } })
		await services.history.acceptPast(id, { kind: "changed", number: 1 })
		// Something else is wrong than what the person was shown.
		expect(pastOf()).toMatchObject({ head: { digest: digestOf("two") }, fault: { kind: "changed", number: 2 } })
		await services.history.acceptPast(id, { kind: "changed", number: 2 })
		// Two at once: what was asked for first, and comes last, knows less.
		const { promise: held, resolve: letGo } = Promise.withResolvers<void>()
		scripted.history = [seal("other", 2, "one")]
		scripted.telling = (history) => held.then(() => history)
		const before = scripted.told
		const slow = services.history.sync(id)
		await until(() => expect(scripted.told).toBeGreaterThan(before))
		scripted.telling = async (history) => history
		scripted.history = [seal("three", 3, "other"), seal("other", 2, "one")]
		await services.history.sync(id)
		letGo()
		await slow
		expect(pastOf()).toMatchObject({ head: { digest: digestOf("three") } })
		expect(pastOf()).not.toHaveProperty("fault")
		scripted.history = [seal("other", 2, "one"), seal("one", 1)]
		await services.history.acceptPast(id, { kind: "shorter", newest: 2 })
		expect(pastOf()).toMatchObject({ head: { number: 2, digest: digestOf("other") }, known: [] })
		expect(pastOf()).not.toHaveProperty("fault")
		scripted.history = []
		await services.history.sync(id)
		expect(pastOf()).toMatchObject({ fault: { kind: "shorter" } })

		// What was asked of a machine says nothing of the one that has its place now, whether its past was known or not.
		const place = (host: string) => services.appliances.save(makeAppliance({ id, name: "alpha", host }))
		scripted.history = [seal("other", 2, "one")]
		scripted.telling = async (history) => {
			place("moved.test")
			return history
		}
		for (const _ of ["known", "not known"]) {
			await services.history.sync(id)
			expect(pastOf()).toBeUndefined()
			place("alpha.test")
		}
		scripted.telling = async (history) => history
		await services.history.sync(id)

		// Another machine has another past; another name is no other machine.
		services.appliances.save(makeAppliance({ id, name: "beta", host: "alpha.test" }))
		expect(pastOf()).toBeDefined()
		services.appliances.save(makeAppliance({ id, name: "beta", host: "elsewhere.test" }))
		expect(pastOf()).toBeUndefined()
	})

	test("the newest runs are asked for first, and all where these say nothing of what was seen", async () => {
		vi.useFakeTimers({ toFake: ["Date"] })
		onTestFinished(() => void vi.useRealTimers())
		const services = await open()
		const { id, scripted } = add(services, "alpha", GOOD_RUN)
		const digestOf = (number: number) => createHash("sha256").update(String(number)).digest("hex")
		const chain = (length: number) =>
			Array.from({ length }, (_, index) => {
				const number = length - index
				const seal = { number, digest: digestOf(number), ...(number > 1 && { previous: digestOf(number - 1) }) }
				return remembered(`run-${number}`, { seal })
			})
		/** How often it is asked when it is reached a while later and has so many records. */
		const askWith = async (length: number) => {
			vi.setSystemTime(Date.now() + 11 * 60_000)
			Object.assign(scripted, { told: 0, history: chain(length) })
			await services.runs.ended((await startOne(services, id)).id)
			const { past } = services.state.snapshot().appliances.find((one) => one.id === id) ?? {}
			return { asked: scripted.told, head: past?.head.number, fault: past?.fault }
		}
		expect(await askWith(60)).toEqual({ asked: 2, head: 60 })
		expect(await askWith(100)).toEqual({ asked: 1, head: 100 })
		expect(await askWith(200)).toEqual({ asked: 2, head: 200 })
		expect(await askWith(199)).toEqual({ asked: 2, head: 200, fault: { kind: "shorter", newest: 199 } })
		expect(await askWith(201)).toMatchObject({ asked: 1, fault: { kind: "shorter" } })
		await services.history.sync(id)
		expect(await askWith(201)).toEqual({ asked: 1, head: 201 })
	})

	test("a run of another desktop that still goes on is followed from its first event; one whose runner died is not", async () => {
		const services = await open()
		const { id, scripted } = add(services, "alpha")
		scripted.say("theirs", BEGINNING)
		scripted.history = [
			remembered("theirs", { state: "open", outcome: undefined, pools: [] }),
			remembered("dead", { state: "open", outcome: undefined, pools: [] }),
		]
		scripted.running = "theirs"
		expect(await services.history.sync(id)).toEqual({ added: 1 })
		const [run, ...others] = services.state.snapshot().runs
		if (!run) throw new Error("no run was taken over")
		expect([run.run, run.state, run.outcome, others]).toEqual(["theirs", "running", undefined, []])
		expect(await services.history.sync(id)).toEqual({ added: 0 })
		scripted.say("theirs", ENDING)
		expect(await services.runs.ended(run.id)).toMatchObject({ state: "finished", outcome: "applied" })
		expect(await events(services.runs.follow(run.id))).toHaveLength(5)
	})

	test("a run that is just being started from here is not taken for another desktop's", async () => {
		const services = await open()
		const { id, scripted } = add(services, "alpha")
		let answer = () => {}
		scripted.starting = () => new Promise((resolve) => (answer = resolve))
		const own = await startOne(services, id)
		await until(() => expect(scripted.requests).toHaveLength(1))
		const { run: asked = "" } = services.runs.get(own.id)
		scripted.history = [remembered(asked, { state: "open", outcome: undefined, pools: [] })]
		scripted.running = asked
		expect(await services.history.sync(id)).toEqual({ added: 0 })
		answer()
		expect(await services.runs.ended(own.id)).toMatchObject({ outcome: "applied" })
		expect(services.state.snapshot().runs.map((one) => one.id)).toEqual([own.id])
	})

	test("events that this desktop never saw are taken from the appliance, once", async () => {
		const services = await open()
		const { id, scripted } = add(services, "alpha")
		scripted.say("old", GOOD_RUN)
		scripted.history = [remembered("old")]
		await services.history.sync(id)
		const run = services.state.snapshot().runs[0]
		if (!run) throw new Error("no run was taken over")
		const before = scripted.opened
		expect(await events(services.runs.follow(run.id))).toHaveLength(5)
		expect(await events(services.runs.follow(run.id))).toHaveLength(5)
		expect(scripted.opened).toBe(before + 1)
	})

	test("output that is taken from the appliance later is found by its words", async () => {
		const services = await open()
		const { id, scripted } = add(services, "alpha")
		const output = { type: "command-output", pool: "web", phase: "closure", index: 0, stream: "stdout" } as const
		scripted.say("old", [...BEGINNING, { ...output, text: "nginx: emerg" }, ...ENDING])
		scripted.history = [remembered("old")]
		await services.history.sync(id)
		expect(services.history.pools({ text: "emerg" }).total).toBe(0)
		const [run] = services.state.snapshot().runs
		await events(services.runs.follow(run?.id ?? ""))
		expect(services.history.pools({ text: "emerg" }).total).toBe(1)
	})
})

describe("appliances", () => {
	test("a test that fails says why, and keeps it until one passes", async () => {
		const services = await open()
		const { id, scripted } = add(services, "alpha")
		scripted.refusals.push(new FailureError("authentication-failed", { user: "root" }))
		expect(await failureOf(services.appliances.test(id))).toMatchObject({ code: "authentication-failed" })
		expect(services.appliances.list()[0]?.lastFailure?.code).toBe("authentication-failed")
		const tested = await services.appliances.test(id)
		expect(tested).toMatchObject({ facts: { root: true }, lastSeen: expect.any(String) })
		expect(tested.lastFailure).toBeUndefined()
		expect(scripted.open).toBe(0)
	})

	test("an ad-hoc one is not saved; it is the fleet's where that has the same address", async () => {
		const services = await open({ host: "cli" })
		const saved = add(services, "alpha")
		const { id: _id, name: _name, ...rest } = makeAppliance({ host: "elsewhere.test" })
		const adHoc = services.appliances.adHoc(rest)
		expect(adHoc).toMatchObject({ id: "root@elsewhere.test:22", name: "root@elsewhere.test:22" })
		const same = services.appliances.adHoc({ ...rest, host: "alpha.test", signIn: { method: "password" } })
		expect(same).toMatchObject({ id: saved.id, name: "alpha", signIn: { method: "password" } })
		expect(services.appliances.list()).toMatchObject([{ name: "alpha", signIn: { method: "agent" } }])
	})

	test("one address behind two jump hosts is two machines, each reached by its own way", async () => {
		const services = await open({ host: "cli" })
		const sites = ["a", "b"].map((site) => {
			const { id: _, ...given } = makeAppliance({ name: site, host: "10.0.0.1", jump: `bastion-${site}` })
			return services.appliances.save(given)
		})
		const reached = sites.map(({ ...one }) => services.appliances.adHoc({ ...one, become: "sudo" }))
		expect(reached.map(({ id, name, jump }) => [id, name, jump])).toEqual(
			sites.map(({ id, name, jump }) => [id, name, jump]),
		)
		const { id: _id, name: _name, ...second } = makeAppliance({ host: "10.0.0.1", jump: "bastion-b" })
		expect(services.appliances.adHoc(second).id).toBe(sites[1]?.id)
		const elsewhere = sites.map((site) => services.appliances.adHoc({ ...site, jump: "another" }))
		expect(elsewhere.map(({ id }) => id)).toEqual(sites.map(({ id }) => id))
	})

	test("those of the demo are started once, marked, not saved, and end with the program", async () => {
		const calls: string[] = []
		const startDemo = async () => {
			calls.push("start")
			if (calls.length === 1) throw new FailureError("disk-full", {})
			return {
				appliances: [makeAppliance({ id: "demo-1" })],
				folder: module,
				close: async () => void calls.push("close"),
			}
		}
		const services = await open({ startDemo })
		expect(await failureOf(services.appliances.addDemo())).toMatchObject({ code: "disk-full" })
		expect(await services.appliances.addDemo()).toMatchObject({
			appliances: [{ id: "demo-1", embedded: true }],
			folder: module,
		})
		await services.appliances.addDemo()
		expect(await failureOf(async () => services.appliances.save(makeAppliance({ id: "demo-1" })))).toMatchObject({
			code: "bad-request",
		})
		await close(services)
		expect(calls).toEqual(["start", "start", "close"])
		expect((await open()).appliances.list()).toEqual([])
	})
})

describe("modules", () => {
	test("are opened with what is in them, remembered newest first, and forgotten", async () => {
		const services = await open()
		const other = join(root, "other")
		mkdirSync(other)
		writeFileSync(join(other, "index.json"), "{ broken")
		expect(await services.modules.open(module)).toMatchObject({
			name: "hotfix",
			digest: expect.any(String),
			sources: [{ target: "a.txt", size: 5, used: true }, { target: "b.txt" }],
		})
		const broken = await services.modules.open(other)
		expect(broken.digest).toBeUndefined()
		expect(broken.findings.length).toBeGreaterThan(0)
		expect(services.state.snapshot().recentModules.map(({ name }) => name)).toEqual(["other", "hotfix"])
		services.modules.forget(other)
		expect(services.state.snapshot().recentModules.map(({ name }) => name)).toEqual(["hotfix"])
	})

	test("are found by browsing: folders only, modules marked", async () => {
		const services = await open()
		writeFileSync(join(root, "a-file"), "")
		mkdirSync(join(root, ".hidden"))
		const browsed = await services.modules.browse(root)
		expect(browsed.entries).toEqual([
			{ name: "data", path: join(root, "data"), isModule: false },
			{ name: "hotfix", path: module, isModule: true },
		])
		expect((await services.modules.browse("/")).parent).toBeUndefined()
		expect(await failureOf(services.modules.browse(join(root, "nowhere")))).toMatchObject({ code: "module-unreadable" })
	})
})

test("a secret that was typed is in no file of the data folder and in no line of the log", async () => {
	const lines: string[] = []
	const services = await open({
		log: (line) => lines.push(line),
		connect: async (appliance, deps) => {
			const question = {
				kind: "password" as const,
				appliance: appliance.name,
				host: appliance.host,
				port: appliance.port,
				via: [],
				user: appliance.user,
			}
			const answer = await deps.ask(question)
			expect(answer).toEqual({ kind: "secret", secret: "correct horse battery" })
			return connect(appliance, deps)
		},
	})
	const { id } = add(services, "alpha")
	const run = await startOne(services, id)
	await until(() => expect(services.questions.open()).toHaveLength(1))
	services.questions.answer(services.questions.open()[0]?.id ?? "", { kind: "secret", secret: "correct horse battery" })
	await services.runs.ended(run.id)
	await close(services)
	const entries = readdirSync(join(root, "data"), { recursive: true, withFileTypes: true })
	const files = entries.filter((one) => one.isFile()).map(({ parentPath, name }) => join(parentPath, name))
	expect(files).toContain(join(root, "data", "hotfix.sqlite"))
	for (const file of files) expect(readFileSync(file).includes("correct horse"), file).toBe(false)
	expect(lines.join("\n")).not.toContain("correct horse")
})

test("a damaged database is said to everybody", async () => {
	mkdirSync(join(root, "data"))
	writeFileSync(join(root, "data", "hotfix.sqlite"), "no database ".repeat(1000))
	const lines: string[] = []
	const services = await open({ log: (line) => lines.push(line) })
	const [notice] = services.state.snapshot().notices
	expect(notice?.code).toBe("database-damaged")
	expect(existsSync(String(notice?.data.keptAs))).toBe(true)
	expect(lines.join()).toContain("database-damaged")
})

test("the data folder is its owner's alone", async () => {
	await open()
	expect(statSync(join(root, "data")).mode & 0o777).toBe(0o700)
})

/** A busy machine takes its time. */
const until = (assertion: () => void) => vi.waitFor(assertion, { timeout: 15_000 })

async function failureOf(work: Promise<unknown> | (() => Promise<unknown>)) {
	try {
		await (work instanceof Function ? work() : work)
	} catch (error) {
		return error instanceof FailureError ? error.failure : error
	}
	return "it did not fail"
}
