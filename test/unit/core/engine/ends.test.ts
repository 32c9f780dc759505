import { expect, test } from "vitest"
import { makeLayout } from "../../../../core/engine/layout.ts"
import { recoverRuns } from "../../../../core/engine/recover.ts"
import { readStatus } from "../../../../core/engine/status.ts"
import { textAt, write } from "../../../fault/appliance.ts"
import { createMemoryBench, FILES, type MemoryBench } from "./memory-bench.ts"
import { prepare, run, type World } from "./world.ts"

const textOf = (bench: MemoryBench, path: string) => textAt(bench.disk.inodes(), path) ?? ""
const logOf = (bench: MemoryBench) => textOf(bench, bench.options.logFile ?? "")
const fileOf = (bench: MemoryBench) => textOf(bench, `${FILES}/p1.txt`)
const worldOf = (...words: string[]): World => ({ has: (word) => words.includes(word), isBefore: false })
const eio = Object.assign(new Error("EIO"), { code: "EIO" })

/** Whether the appliance would recover at its next boot, from now on. */
function watchBoot(bench: MemoryBench): { isArmed: boolean } {
	const boot = { isArmed: false }
	const turn = (isArmed: boolean) => async () => {
		boot.isArmed = isArmed
		return undefined
	}
	bench.host = { ...bench.host, bootRecovery: { arm: turn(true), disarm: turn(false) } }
	return boot
}

test("a run that ended leaves nothing to do at the next boot", async () => {
	const bench = await createMemoryBench({})
	const module = await prepare(bench, worldOf())
	const boot = watchBoot(bench)
	await bench.apply(module, {}, { onEvent: ({ type }) => type === "pool-started" && expect(boot.isArmed).toBe(true) })
	expect(boot.isArmed).toBe(false)
	expect(logOf(bench)).not.toContain("could not be")
})

test("a run whose record the disk does not take stands; it is recorded by the next recovery", async () => {
	const bench = await createMemoryBench({})
	const module = await prepare(bench, worldOf())
	const boot = watchBoot(bench)
	const { host } = bench
	const rename: typeof host.disk.rename = async (from, to) => {
		if (to.endsWith("/record.json")) throw eio
		await host.disk.rename(from, to)
	}
	bench.host = { ...host, disk: { ...host.disk, rename } }
	const { result } = await bench.apply(module)
	expect(result).toMatchObject({ state: "finished", outcome: "applied", finalClosure: { outcome: "passed" } })
	expect(boot.isArmed).toBe(true)
	expect(logOf(bench)).toContain("the run's end could not be recorded, the next run or recover does it: ")
	expect((await readStatus(bench.host, bench.options)).interrupted).toEqual(["run-1"])

	bench.host = host
	expect(await recoverRuns(host, bench.options, {})).toEqual([{ run: "run-1", outcome: "applied" }])
	expect(boot.isArmed).toBe(false)
	expect((await readStatus(bench.host, bench.options)).interrupted).toEqual([])
	const record = textOf(bench, makeLayout(bench.options.stateFolder).run("run-1").record)
	expect(JSON.parse(record)).toMatchObject({ run: "run-1", outcome: "applied", finalClosure: { outcome: "passed" } })
	expect(fileOf(bench)).toBe("new")
})

test("old backups that cannot be removed change nothing of a run, and the log says so", async () => {
	const bench = await createMemoryBench({})
	const module = await prepare(bench, worldOf())
	const boot = watchBoot(bench)
	const { host } = bench
	const { pools, run } = makeLayout(bench.options.stateFolder)
	const { record } = run("run-1")
	const readFolder: typeof host.disk.readFolder = async (path) => {
		if (path === pools && textOf(bench, record) !== "") throw eio
		return host.disk.readFolder(path)
	}
	bench.host = { ...host, disk: { ...host.disk, readFolder } }
	expect((await bench.apply(module)).result).toMatchObject({ state: "finished", outcome: "applied" })
	expect(boot.isArmed).toBe(false)
	expect(logOf(bench)).toContain("old backups and records could not be removed: ")
	expect(logOf(bench)).not.toContain("could not be recorded")
	expect((await readStatus(bench.host, bench.options)).interrupted).toEqual([])
})

test("what stands applied can be reverted after any number of runs that failed", async () => {
	const bench = await createMemoryBench({})
	const module = await prepare(bench, worldOf())
	await bench.apply(module)
	for (let count = 0; count < 12; count++) {
		bench.restart()
		const { outcomes } = await run(bench, worldOf("force", "only-p1", "closure-hangs"), module)
		expect(outcomes.p1).toBe("failed")
	}
	const { pool } = makeLayout(bench.options.stateFolder)
	const kept = (await bench.disk.readFolder(pool("p1"))) ?? []
	expect(kept.sort()).toEqual(["run-1", ...Array.from({ length: 10 }, (_, index) => `run-${index + 4}`)].sort())
	expect(await bench.disk.readFolder(pool("p2"))).toEqual(["run-1"])
	expect(fileOf(bench)).toBe("new")
	expect((await bench.revert({ pool: "p1" })).outcomes).toEqual({ p1: "applied" })
	expect(fileOf(bench)).toBe("old")
})

test("a run whose journal has lost its beginning is a person's business, and nothing else begins", async () => {
	const bench = await createMemoryBench({})
	const world = worldOf("crash-in-closure")
	const module = await prepare(bench, world)
	await run(bench, world, module)
	if (!world.crashed) throw new Error("the runner did not die")
	bench.restart(world.crashed)
	const path = makeLayout(bench.options.stateFolder).run("run-1").journal
	const text = textOf(bench, path).replace("run-open", "run-oxen")
	await bench.disk.remove(path)
	await write(bench.disk, path, text)
	const before = bench.tree()
	const failure = {
		failure: { code: "state-damaged", data: { path, reason: "nobody can tell what run run-1 had begun" } },
	}
	await expect(bench.recover()).rejects.toMatchObject(failure)
	await expect(bench.apply(module)).rejects.toMatchObject(failure)
	expect(bench.tree()).toEqual(before)
})

test("a run whose journal is lost in a phase stops as it stands, and the next recovery ends it", async () => {
	const bench = await createMemoryBench({})
	const module = await prepare(bench, worldOf())
	const { host } = bench
	let isLost = false
	const open: typeof host.disk.open = async (path, how, mode) => {
		const file = await host.disk.open(path, how, mode)
		if (!path.endsWith("/journal.jsonl")) return file
		const write: typeof file.write = async (bytes, position) => {
			isLost ||= new TextDecoder().decode(bytes).includes('"type":"backup-complete"')
			if (isLost) throw eio
			await file.write(bytes, position)
		}
		return { ...file, write, truncate: async (size) => (isLost ? Promise.reject(eio) : file.truncate(size)) }
	}
	bench.host = { ...host, disk: { ...host.disk, open } }
	const told: string[] = []
	const applying = bench.apply(module, {}, { onEvent: (event) => told.push(event.type) })
	await expect(applying).rejects.toMatchObject({ failure: { code: "runner-failed" } })
	// Of the preflight; the backup's end is known to nobody.
	expect(told.filter((type) => type === "phase-finished")).toHaveLength(1)
	expect(told).not.toContain("pool-finished")

	bench.host = host
	expect((await readStatus(host, bench.options)).interrupted).toEqual(["run-1"])
	expect(await recoverRuns(host, bench.options, {})).toEqual([{ run: "run-1", outcome: "failed" }])
	expect(fileOf(bench)).toBe("old")
})
