import { execFileSync } from "node:child_process"
import {
	copyFileSync,
	existsSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	writeFileSync,
} from "node:fs"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { digestOf } from "../../../../core/engine/disk/digest.ts"
import { readHistory } from "../../../../core/engine/history.ts"
import type { Host } from "../../../../core/engine/host.ts"
import { printRecord } from "../../../../core/engine/journal/journal-text.ts"
import type { JournalRecord } from "../../../../core/engine/journal/records.ts"
import { makeLayout } from "../../../../core/engine/layout.ts"
import { recoverRuns } from "../../../../core/engine/recover.ts"
import { findHotRuns } from "../../../../core/engine/run/find-hot-runs.ts"
import { pruneRecords } from "../../../../core/engine/run/prune-records.ts"
import { readState } from "../../../../core/engine/state/state-file.ts"
import { readStatus } from "../../../../core/engine/status.ts"
import type { HistoryRun } from "../../../../core/schema/history.ts"
import type { Phase, Reason } from "../../../../core/schema/outcome.ts"
import { createWorkbench, type TestModule, type Workbench } from "./workbench.ts"

let bench: Workbench
beforeEach(() => {
	bench = createWorkbench()
	bench.write("file", "old")
})
afterEach(() => bench.remove())

const layout = () => makeLayout(bench.options.stateFolder)
const history = (filter = {}) => readHistory(bench.host, bench.options, filter)
const module = (version: string, pool: Partial<TestModule["pools"][number]> = {}): TestModule => ({
	version,
	pools: [{ id: "p", files: { file: version }, ...pool }],
})

/** Of the bytes as they lie there. */
const digestOfRecord = (run: string) => digestOf(bench.host, readFileSync(layout().run(run).record))

test("each run says its place in the chain by what lies there, whatever its record says of itself", async () => {
	await bench.apply(module("1.0.0", { files: { file: "new" }, closure: ["true"] }), {}, { run: "first" })
	await bench.apply(module("1.0.1", { files: { file: "newer" }, closure: ["true"] }), {}, { run: "second" })
	const sealOf = async (run: string) => (await history()).find((one) => one.run === run)?.seal
	expect(await sealOf("second")).toEqual({
		number: 2,
		digest: digestOfRecord("second"),
		previous: (await sealOf("first"))?.digest,
	})
	const { record } = layout().run("second")
	const text = JSON.parse(readFileSync(record, "utf8"))
	writeFileSync(record, JSON.stringify({ ...text, seal: { number: 9, digest: "0".repeat(64) } }))
	expect(await sealOf("second")).toMatchObject({ number: 2, digest: digestOfRecord("second") })
	writeFileSync(record, JSON.stringify({ ...text, link: undefined, seal: text.link }))
	expect(await sealOf("second")).toBeUndefined()
})

test("a run is remembered in full: who, from where, when, phases, files, commands, outcome", async () => {
	const files = { file: "new", made: "new" }
	const closure = ["true", "echo out; test -e /"]
	const given = { ...module("1.0.0", { files, closure, checks: ["true"] }), finalClosure: ["true", "exit 3"] }
	await bench.apply(given, { by: "anna@desk" }, { run: "full", from: "10.1.2.3" })
	const [run] = await history()
	run?.pools[0]?.files.sort((a, b) => (a.destination < b.destination ? -1 : 1))
	const digest = expect.stringMatching(/^[0-9a-f]{64}$/)
	const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
	const command = (phase: Phase, text: string, exit = 0) => ({
		phase,
		command: text,
		exit,
		durationMs: expect.any(Number),
	})
	const phase = (name: Phase) => ({ phase: name, ok: true, durationMs: expect.any(Number) })
	const reason: Reason = {
		phase: "final-closure",
		message: "command failed with exit status 3",
		command: "exit 3",
		exit: 3,
	}
	expect(run).toEqual({
		run: "full",
		kind: "apply",
		turn: 1,
		module: { name: "hotfix", version: "1.0.0", digest },
		startedAt: time,
		finishedAt: time,
		by: "anna@desk",
		from: "10.1.2.3",
		seal: { number: 1, digest: digestOfRecord("full") },
		state: "finished",
		outcome: "applied",
		finalClosure: { outcome: "failed", reason },
		finalCommands: [command("final-closure", "true"), command("final-closure", "exit 3", 3)],
		pools: [
			{
				pool: "p",
				outcome: "applied",
				phases: (["preflight", "baseline", "backup", "apply", "closure", "checks"] as const).map(phase),
				files: [
					{ destination: bench.path("file"), before: digest, after: digest },
					{ destination: bench.path("made"), after: digest },
				],
				commands: [
					command("baseline", "true"),
					command("closure", "true"),
					command("closure", "echo out; test -e /"),
					command("checks", "true"),
				],
				durationMs: expect.any(Number),
				finishedAt: time,
			},
		],
	} satisfies HistoryRun)
	expect(readFileSync(bench.options.logFile ?? "", "utf8")).toContain("started for anna@desk from 10.1.2.3 (run full)")
})

test("a recovered run still says who asked from where", async () => {
	await bench.apply(module("1.0.0"), { by: "anna" }, { run: "cut", from: "10.1.2.3" })
	const { journal, events, record } = layout().run("cut")
	writeFileSync(journal, `${readFileSync(journal, "utf8").split("\n").slice(0, 2).join("\n")}\n`)
	rmSync(events)
	rmSync(record)
	await recoverRuns(bench.host, bench.options)
	expect(await history()).toMatchObject([{ run: "cut", by: "anna", from: "10.1.2.3", interrupted: true }])
})

test("the newest run comes first, also from a clock that was set back", async () => {
	await bench.apply(module("1.0.0"), {}, { run: "first" })
	bench.host = { ...bench.host, clock: { ...bench.host.clock, now: () => 0 } }
	await bench.apply(module("1.1.0"), {}, { run: "second" })
	expect((await history()).map(({ run, turn }) => [run, turn])).toEqual([
		["second", 2],
		["first", 1],
	])
})

describe("what is kept", () => {
	/** So that a dozen runs are many. */
	const kept = { withOutput: 3, outputBytes: 1 << 20, runs: 5, recordBytes: 1 << 20, slack: 2 }
	const prune = (host: Host = bench.host, more = {}) => pruneRecords(host, layout(), { ...kept, ...more })
	const folders = () => readdirSync(layout().runs).sort()
	const withEvents = () => folders().filter((run) => existsSync(layout().run(run).events))

	/** Runs r01, r02 ... of one pool that fails without touching anything: no backup holds on to their records. */
	async function run(from: number, to: number): Promise<void> {
		for (let number = from; number <= to; number++) {
			const id = `r${String(number).padStart(2, "0")}`
			await bench.apply(module(`1.0.${number}`, { checks: ["false"] }), {}, { run: id })
		}
	}

	const rebuilt = async () => {
		rmSync(layout().state, { force: true })
		return (await readState(bench.host, layout())).state
	}

	test("the newest runs with output, older ones without, the oldest not at all", async () => {
		await run(1, 9)
		await prune()
		expect([folders(), withEvents()]).toEqual([
			["r05", "r06", "r07", "r08", "r09"],
			["r07", "r08", "r09"],
		])
		expect((await history()).map(({ run }) => run)).toEqual(["r09", "r08", "r07", "r06", "r05"])
	})

	test("state survives its file's loss, also when the runs it was drawn from are gone", async () => {
		await bench.apply(
			{ name: "other", pools: [{ id: "q", files: { other: "new" }, checks: ["false"] }] },
			{},
			{ run: "r00" },
		)
		await run(1, 9)
		const before = (await readState(bench.host, layout())).state
		await prune()
		expect(folders()).not.toContain("r00")
		expect(await rebuilt()).toEqual(before)
		await run(10, 11)
		const later = (await readState(bench.host, layout())).state
		await prune()
		expect(await rebuilt()).toEqual(later)
		expect(later.modules.other).toEqual(before.modules.other)
	})

	test("a run whose backup is kept keeps its record, however old", async () => {
		await bench.apply(module("1.0.0"), {}, { run: "applied" })
		await run(1, 9)
		await prune()
		expect(folders()).toEqual(["applied", "r05", "r06", "r07", "r08", "r09"])
		expect(withEvents()).toEqual(["r07", "r08", "r09"])
		expect((await history({ pool: "p", limit: 10 })).map(({ run }) => run).at(-1)).toBe("applied")
	})

	test("output beyond the bytes goes too, the newest run's never", async () => {
		await run(1, 6)
		const { size } = statSync(layout().run("r06").events)
		await prune(bench.host, { outputBytes: 2 * size + 100 })
		expect(withEvents()).toEqual(["r05", "r06"])
		await run(7, 8)
		await prune(bench.host, { outputBytes: 1 })
		expect(withEvents()).toEqual(["r08"])
	})

	test("records beyond the bytes go too, never those of runs with output", async () => {
		await run(1, 6)
		const { size } = statSync(layout().run("r06").record)
		await prune(bench.host, { withOutput: 2, recordBytes: 3 * size + 100 })
		expect(folders()).toEqual(["r04", "r05", "r06"])
		await run(7, 8)
		await prune(bench.host, { withOutput: 2, recordBytes: 1 })
		expect(folders()).toEqual(["r07", "r08"])
	})

	test("a run that is open, or damaged, stays whatever its age, and is found", async () => {
		await run(1, 1)
		const { journal } = layout().run("r01")
		const lines = readFileSync(journal, "utf8").split("\n")
		mkdirSync(layout().run("hot").folder)
		writeFileSync(layout().run("hot").journal, `${lines[0]}\n`)
		mkdirSync(layout().run("damaged").folder)
		writeFileSync(layout().run("damaged").journal, "what is this\n")
		mkdirSync(layout().run("never-begun").folder)
		await pruneRecords(bench.host, layout(), { ...kept, slack: 1, runs: 1 })
		expect(folders()).toEqual(["damaged", "hot", "r01"])
		expect(await findHotRuns({ host: bench.host, layout: layout() })).toEqual(["hot"])
	})

	test("nothing is done before enough has gathered, and a second time changes nothing", async () => {
		await run(1, 9)
		await prune(bench.host, { slack: 10 })
		expect(folders()).toHaveLength(9)
		await prune()
		const before = [folders(), withEvents(), readFileSync(layout().checkpoint, "utf8")]
		await prune()
		expect([folders(), withEvents(), readFileSync(layout().checkpoint, "utf8")]).toEqual(before)
	})

	test("a damaged checkpoint is as good as none", async () => {
		await run(1, 9)
		const before = (await readState(bench.host, layout())).state
		await pruneRecords(bench.host, layout(), { ...kept, runs: 100 })
		writeFileSync(layout().checkpoint, '{"format":1,"runs":')
		expect((await history()).map(({ run }) => run)).toHaveLength(9)
		expect(await rebuilt()).toEqual(before)
		expect(await readStatus(bench.host, bench.options)).toMatchObject({ interrupted: [] })
	})

	test("a run id that the checkpoint knows is not given to another run", async () => {
		await run(1, 9)
		await prune()
		expect(folders()).not.toContain("r01")
		await expect(bench.apply(module("2.0.0"), {}, { run: "r01" })).rejects.toMatchObject({
			failure: { code: "bad-request" },
		})
	})

	test("a crash at any call loses no state and no open run, and the next time does the rest", async () => {
		await run(1, 8)
		const state = (await readState(bench.host, layout())).state
		mkdirSync(layout().run("hot").folder)
		copyFileSync(layout().run("r08").journal, layout().run("hot").journal)
		const open = readFileSync(layout().run("hot").journal, "utf8").split("\n")[0]
		writeFileSync(layout().run("hot").journal, `${open}\n`)
		const saved = `${bench.folder}/saved`
		execFileSync("cp", ["-a", bench.options.stateFolder, saved])
		let isOver = false
		for (let call = 1; !isOver; call++) {
			rmSync(bench.options.stateFolder, { recursive: true })
			execFileSync("cp", ["-a", saved, bench.options.stateFolder])
			isOver = await prune(crashing(bench.host, call, [])).then(
				() => true,
				() => false,
			)
			expect(await findHotRuns({ host: bench.host, layout: layout() })).toEqual(["hot"])
			expect(await rebuilt()).toEqual(state)
			expect((await history()).map(({ run }) => run).slice(0, 5)).toEqual(["r08", "r07", "r06", "r05", "r04"])
			await prune(bench.host, { slack: 1 })
			expect(withEvents().filter((name) => name !== "hot")).toEqual(["r06", "r07", "r08"])
		}
	})

	test("the checkpoint is on disk before anything that it stands for goes", async () => {
		await run(1, 8)
		const steps: string[] = []
		await prune(crashing(bench.host, Infinity, steps))
		const writes = steps.filter((step) => /^(file\.sync|rename|syncFolder|remove|removeTree) /.test(step))
		const first = writes.findIndex((step) => step.includes("/runs/"))
		expect(writes.slice(0, first).map((step) => step.split(" ")[0])).toEqual([
			"remove",
			"file.sync",
			"rename",
			"syncFolder",
		])
	})
})

/** From this call on nothing reaches the disk any more. */
function crashing(host: Host, at: number, steps: string[]): Host {
	let calls = 0
	const pass = (step: string) => {
		steps.push(step)
		if (++calls >= at) throw new Error("crashed")
	}
	const wrap = <T extends object>(port: T, name: string): T =>
		new Proxy(port, {
			get: (target, key) => {
				const method: unknown = Reflect.get(target, key)
				if (typeof method !== "function") return method
				return async (...args: unknown[]) => {
					if (key !== "close") pass(`${name}${String(key)} ${key in port && name === "" ? args[0] : "opened"}`)
					const result: unknown = await method.apply(target, args)
					return name === "" && key === "open" ? wrap(result as object, `file.`) : result
				}
			},
		})
	return { ...host, disk: wrap(host.disk, "") }
}

/** So many earlier runs, made by hand: running them would take minutes. The newest of them with their events. */
async function makePast(count: number, withEvents: number): Promise<void> {
	await bench.apply(module("1.0.0"), {}, { run: "first" })
	const { journal, record, events } = layout().run("first")
	const [text, recorded] = [readFileSync(journal, "utf8"), readFileSync(record, "utf8")]
	const records = text
		.trim()
		.split("\n")
		.map((line) => JSON.parse(line.slice(17)) as JournalRecord)
	let previous = digestOf(bench.host, recorded)
	for (let number = 0; number < count; number++) {
		const id = `past-${String(number).padStart(4, "0")}`
		const at = new Date(Date.parse("2026-01-01") + number * 1000).toISOString()
		const target = layout().run(id)
		mkdirSync(target.folder)
		const link = { number: number + 2, previous }
		const past = JSON.stringify({ ...JSON.parse(recorded), run: id, startedAt: at, link })
		previous = digestOf(bench.host, past)
		const seal = { number: link.number, digest: previous }
		const rows = records.map((row) => {
			if (row.type === "run-closed") return { ...row, seal }
			return row.type === "run-open" ? { ...row, run: id, at } : row
		})
		writeFileSync(target.journal, rows.map((row) => printRecord(bench.host, row)).join(""))
		writeFileSync(target.record, past)
		if (number >= count - withEvents) copyFileSync(events, target.events)
	}
}

test("without being asked, the last 200 runs keep their output and the last 2,000 their record", async () => {
	await makePast(2010, 230)
	await bench.apply(module("1.0.1"))
	const runs = readdirSync(layout().runs).sort()
	const withOutput = runs.filter((run) => existsSync(layout().run(run).events))
	// The two newest are the first real one and the last.
	expect([runs.length, runs[1], withOutput.length, withOutput[1]]).toEqual([2000, "past-0012", 200, "past-1812"])
}, 180_000)

test("after 2,000 runs, status, history and a run look at as little as after twenty", async () => {
	await makePast(2000, 100)
	const timed = async <T>(step: () => Promise<T>) => {
		const start = performance.now()
		await step()
		return performance.now() - start
	}
	const before = await timed(() => readStatus(bench.host, bench.options))
	await bench.apply(module("1.0.1"))
	let opened = 0
	const open = bench.host.disk.open
	bench.host = {
		...bench.host,
		disk: {
			...bench.host.disk,
			open: (...args) => {
				opened++
				return open(...args)
			},
		},
	}
	const after = await timed(() => readStatus(bench.host, bench.options))
	expect(opened).toBeLessThan(10)
	expect(after).toBeLessThan(before / 3)
	opened = 0
	const newest = await history({ limit: 10 })
	expect(newest.map(({ run }) => run).slice(0, 3)).toEqual([expect.stringMatching(/^run-/), "first", "past-1999"])
	expect(opened).toBeLessThan(40)
	opened = 0
	expect((await bench.apply(module("1.0.2"))).outcomes.p).toBe("applied")
	expect(opened).toBeLessThan(150)
})
