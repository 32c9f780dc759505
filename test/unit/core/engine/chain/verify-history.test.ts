import { beforeAll, beforeEach, describe, expect, test } from "vitest"
import { verifyHistory } from "../../../../../core/engine/chain/verify-history.ts"
import { digestOf } from "../../../../../core/engine/disk/digest.ts"
import { printRecord } from "../../../../../core/engine/journal/journal-text.ts"
import type { JournalRecord } from "../../../../../core/engine/journal/records.ts"
import { makeLayout } from "../../../../../core/engine/layout.ts"
import { pruneRecords } from "../../../../../core/engine/run/prune-records.ts"
import { printProof } from "../../../../../core/runner/text/history-text.ts"
import { makeFolders, read, write } from "../../../../fault/appliance.ts"
import type { Inodes } from "../../../../fault/disk/inode.ts"
import { createMemoryBench, type MemoryBench } from "../memory-bench.ts"

let bench: MemoryBench
let fresh: Inodes
let five: Inodes
beforeAll(async () => {
	bench = await createMemoryBench({ fails: async () => 1 })
	await bench.write("file", "old")
	fresh = bench.disk.inodes()
	await run(1, 5)
	five = bench.disk.inodes()
})
beforeEach(() => bench.restart(fresh))

const layout = makeLayout("/var/lib/hotfix")
const verify = () => verifyHistory(bench.host, bench.options)
const textOf = async (path: string) => (await read(bench.disk, path)) ?? ""
const remove = (run: string) => bench.disk.removeTree(layout.run(run).folder)

async function edit(path: string, change: (text: string) => string): Promise<void> {
	const text = change(await textOf(path))
	await bench.disk.remove(path)
	await write(bench.disk, path, text)
}

async function copy(from: string, to: string): Promise<void> {
	for (const file of ["journal", "record"] as const)
		await write(bench.disk, layout.run(to)[file], await textOf(layout.run(from)[file]))
}

/** Runs r1, r2 ... of rising versions. */
async function run(from: number, to: number, closure = ["true"]): Promise<void> {
	for (let number = from; number <= to; number++) {
		const pools = [{ id: "p", files: { file: `${number}` }, closure }]
		await bench.apply(
			await bench.module({ version: `1.${number}.0`, pools }),
			{ kind: "rehearse" },
			{ run: `r${number}` },
		)
	}
}

const whole = (given: object) => ({
	state: "whole",
	gone: 0,
	goneRanges: [],
	notChained: [],
	open: [],
	faults: [],
	...given,
})
const broken = (...faults: unknown[]) => expect.objectContaining({ state: "broken", faults })

/** Changes a run's journal as somebody would who knows its checksums. */
async function rewriteJournal(
	run: string,
	change: (record: JournalRecord) => JournalRecord | undefined,
): Promise<void> {
	await edit(layout.run(run).journal, (text) =>
		text
			.trim()
			.split("\n")
			.flatMap((line) => change(JSON.parse(line.slice(17)) as JournalRecord) ?? [])
			.map((record) => printRecord(bench.host, record))
			.join(""),
	)
}

/** Changes a record and makes its own journal agree. */
async function forge(run: string, change: (text: string) => string): Promise<void> {
	await edit(layout.run(run).record, change)
	const digest = digestOf(bench.host, await textOf(layout.run(run).record))
	await rewriteJournal(run, (record) =>
		record.type === "run-closed" && record.seal ? { ...record, seal: { ...record.seal, digest } } : record,
	)
}

/** As an older runner would have left it. */
async function unchain(run: string): Promise<void> {
	await rewriteJournal(run, withoutSeal)
	await edit(layout.run(run).record, (text) => text.replace(/,"link":\{[^}]*\}/, ""))
}

test("nothing was ever done here", async () => {
	expect(await verify()).toEqual(whole({ chained: 0 }))
})

test("runs are chained in the order of their ends, failed and interrupted ones too", async () => {
	await run(1, 1)
	await run(2, 2, ["fails"])
	await rewriteJournal("r2", withoutEnd)
	await bench.disk.remove(layout.run("r2").record)
	expect(await verify()).toMatchObject(whole({ chained: 1, open: ["r2"] }))
	await bench.recover()
	await run(3, 3)
	const head = { number: 3, digest: digestOf(bench.host, await textOf(layout.run("r3").record)) }
	expect(await verify()).toEqual(whole({ chained: 3, head }))
})

describe("of five records", () => {
	beforeEach(() => bench.restart(five))

	test.each<[string, () => Promise<void>, string]>([
		["changed", () => edit(layout.run("r3").record, bump), "record 3 (run r3) was changed"],
		["changed, the newest", () => edit(layout.run("r5").record, spaced), "record 5 (run r5) was changed"],
		["removed", () => bench.disk.remove(layout.run("r2").record), "record 2 (run r2) was removed"],
		["removed with all of its run", () => remove("r2"), "record 2 was removed"],
		["removed, the first two", () => prune(5).then(removeTwo), "records 1 to 2 were removed"],
		["removed, the newest", () => remove("r5"), "records at the end were removed"],
		["copied in", () => copy("r2", "other"), "record 2 is there twice"],
		["a folder by now", () => replaceByFolder(layout.run("r3").record), "record 3 (run r3) was changed"],
		["exchanged", exchange, "record 2 (run r2) was changed"],
		["without its seal", () => rewriteJournal("r3", withoutSeal), "record 3 was removed"],
		["in a torn journal", () => edit(layout.run("r3").journal, (text) => text.slice(20)), "record 3 was removed"],
		["changed with its own journal", () => forge("r3", bump), "record 4 (run r4) does not follow record 3"],
		["no record any more", () => edit(layout.run("r4").record, () => "{}"), "record 4 (run r4) was changed"],
	])("one that is %s is found", async (_, change, fault) => {
		await change()
		const { state, faults } = await verify()
		expect([state, faults[0]]).toEqual(["broken", expect.stringContaining(fault)])
	})

	test("the first place is told first", async () => {
		for (const run of ["r4", "r2"]) await edit(layout.run(run).record, spaced)
		expect(await verify()).toEqual(
			broken(
				expect.stringContaining("record 2 (run r2) was changed"),
				expect.stringContaining("record 4 (run r4) was changed"),
			),
		)
	})

	test("records of older runners are said to be not chained, and the chain goes on over them", async () => {
		await unchain("r5")
		await run(6, 6)
		expect(await verify()).toMatchObject(whole({ chained: 5, notChained: ["r5"], head: { number: 5 } }))
	})

	test("tidying up keeps what joins the rest, also around runs whose backups are kept", async () => {
		await keepBackup("r2")
		await prune(2)
		expect(await verify()).toMatchObject(
			whole({ chained: 3, gone: 2, goneRanges: [only(1), only(3)], head: { number: 5 } }),
		)
		await run(6, 8)
		await keepBackup("r2")
		await prune(3)
		expect(await verify()).toMatchObject(
			whole({ chained: 4, gone: 4, goneRanges: [only(1), { from: 3, to: 5 }], head: { number: 8 } }),
		)
		await remove("r2")
		await forge("r6", spaced)
		expect((await verify()).faults).toEqual([
			"record 2 was removed",
			"record 7 (run r7) does not follow record 6: one of them was changed or put in",
		])
	})

	test("the record before what was tidied away is held against it", async () => {
		await keepBackup("r1")
		await prune(2)
		expect((await verify()).state).toBe("whole")
		await forge("r1", spaced)
		expect((await verify()).faults).toEqual(["record 1 is not the one that was followed by record 2"])
	})

	describe("the newest record when it was tidied up", () => {
		const unlike = "record 5 is not the one that checkpoint.json names as the newest of its time"
		beforeEach(() => prune(5))

		test("is found when it is written anew with its own journal", async () => {
			expect((await verify()).state).toBe("whole")
			await forge("r5", spaced)
			expect(await verify()).toEqual(broken(unlike))
		})

		test("is found when it is made to look like an older runner's", async () => {
			await unchain("r5")
			expect(await verify()).toEqual(broken(unlike))
		})

		test("is told once when its journal still names it", async () => {
			await edit(layout.run("r5").record, spaced)
			expect(await verify()).toEqual(broken(expect.stringContaining("record 5 (run r5) was changed")))
		})

		test("is no fault when a power cut took the end of its journal, or once it is tidied away itself", async () => {
			await rewriteJournal("r5", withoutEnd)
			expect((await verify()).faults).toEqual([])
			bench.restart(five)
			await run(6, 6)
			await unchain("r6")
			await prune(1)
			expect(await verify()).toMatchObject({ state: "whole", gone: 5, notChained: ["r6"] })
		})

		test("is the one from before the runs were looked at", async () => {
			const readFolder = async (path: string) => {
				const names = await bench.disk.readFolder(path)
				if (path === layout.runs) await run(6, 6).then(() => prune(6))
				return names
			}
			const disk = new Proxy(bench.disk, {
				get: (target, name) => (name === "readFolder" ? readFolder : Reflect.get(target, name).bind(target)),
			})
			expect(await verifyHistory({ ...bench.host, disk }, bench.options)).toMatchObject(whole({ chained: 5 }))
			expect(await textOf(layout.checkpoint)).toContain('"head":{"number":6')
		})
	})

	test("what was to be tidied away and is still there is no fault", async () => {
		const [journal, record] = [await textOf(layout.run("r1").journal), await textOf(layout.run("r1").record)]
		await prune(2)
		await write(bench.disk, layout.run("r1").journal, journal)
		await write(bench.disk, layout.run("r1").record, record)
		expect(await verify()).toMatchObject(whole({ chained: 3, gone: 3, goneRanges: [{ from: 1, to: 3 }] }))
	})

	test.each(["journal", "record"] as const)("nor is it one when only its %s is still there", async (file) => {
		const text = await textOf(layout.run("r1")[file])
		await prune(2)
		await write(bench.disk, layout.run("r1")[file], text)
		expect(await verify()).toMatchObject(whole({ gone: 3, goneRanges: [{ from: 1, to: 3 }], head: { number: 5 } }))
	})

	test("an older runner's checkpoint, or a damaged one, does not begin the chain anew", async () => {
		await prune(2)
		await edit(layout.checkpoint, (text) => text.replace(/,"head":.*/, "}"))
		await run(6, 6)
		await edit(layout.checkpoint, () => "{")
		await run(7, 7)
		const unknown = { state: "unknown", unknownBefore: 4 }
		expect(await verify()).toMatchObject(whole({ ...unknown, chained: 4, head: { number: 7 } }))
		// It stays so, also when what was tidied away is noted again.
		await prune(2)
		const found = await verify()
		expect(found).toMatchObject(whole({ ...unknown, gone: 2, goneRanges: [{ from: 4, to: 5 }] }))
		expect(printProof(found).slice(1, 3)).toEqual([
			"  what was before record 4 is not known",
			"2 records in the chain, 2 tidied away (4 to 5)",
		])
		await edit(layout.run("r7").record, spaced)
		expect((await verify()).state).toBe("broken")
	})

	test("a journal that cannot be read keeps no later run from its end; it may name the newest number, so none is given", async () => {
		await prune(5)
		await edit(layout.checkpoint, (text) => text.replace(/,"head":.*/, "}"))
		await replaceByFolder(layout.run("r1").journal)
		await run(6, 6)
		const { open, head, faults, notChained } = await verify()
		expect([open, head?.number, notChained, faults]).toEqual([
			...[[], 5, ["r6"]],
			["record 1 (run r1): the end of its journal is missing or was changed"],
		])
		expect((await bench.recover()).recovered).toEqual([])
	})

	test.each<[string, () => Promise<void>, string]>([
		["was changed", () => edit(layout.run("r2").record, spaced), "record 2 (run r2) was changed"],
		["is a folder by now", () => replaceByFolder(layout.run("r2").record), "record 2 (run r2) was changed"],
		["was removed", () => bench.disk.remove(layout.run("r2").record), "record 2 (run r2) was removed"],
	])("tidying up goes on around a run whose record %s, and leaves it", async (_, change, fault) => {
		await change()
		await prune(2)
		const { gone, faults } = await verify()
		expect([gone, faults.length, faults[0]]).toEqual([2, 1, expect.stringContaining(fault)])
		expect((await bench.disk.readFolder(layout.runs))?.sort()).toEqual(["r2", "r4", "r5"])
	})

	test("nor does a journal that cannot be read stop it, and what was cut short is done the next time", async () => {
		const text = await textOf(layout.run("r1").record)
		await prune(3)
		await write(bench.disk, layout.run("r1").record, text)
		await run(6, 6)
		for (const run of ["r3", "r6"]) await replaceByFolder(layout.run(run).journal)
		await prune(1)
		expect((await bench.disk.readFolder(layout.runs))?.sort()).toEqual(["r3", "r5", "r6"])
	})

	test("an end of a journal that was lost after the next run had read it gets its place again", async () => {
		await rewriteJournal("r4", withoutEnd)
		await bench.recover()
		expect(await verify()).toMatchObject(whole({ chained: 5, head: { number: 5 } }))
	})

	test("a record without an end keeps no place that another one took meanwhile", async () => {
		await copy("r5", "late")
		await rewriteJournal("late", (record) =>
			record.type === "run-open" ? { ...record, run: "late" } : withoutEnd(record),
		)
		await bench.recover()
		expect(await verify()).toMatchObject({ chained: 6, head: { number: 6 }, faults: [] })
	})
})

async function removeTwo(): Promise<void> {
	for (const run of ["r1", "r2"]) await remove(run)
}

const only = (number: number) => ({ from: number, to: number })

async function replaceByFolder(path: string): Promise<void> {
	await bench.disk.remove(path)
	await bench.disk.makeFolder(path, 0o700)
}

async function exchange(): Promise<void> {
	const [one, other] = [layout.run("r2").record, layout.run("r3").record]
	await bench.disk.rename(one, `${one}.x`)
	await bench.disk.rename(other, one)
	await bench.disk.rename(`${one}.x`, other)
}

function bump(text: string): string {
	return text.replace("1.3.0", "1.3.1")
}

function spaced(text: string): string {
	return `${text} `
}

function withoutEnd(record: JournalRecord): JournalRecord | undefined {
	return record.type === "run-closed" ? undefined : record
}

function withoutSeal(record: JournalRecord): JournalRecord {
	if (record.type !== "run-closed") return record
	const { seal: _, ...rest } = record
	return rest
}

/** Of another pool: whose run stays as long as it does. */
function keepBackup(run: string): Promise<void> {
	return makeFolders(bench.disk, layout.backup("q", run))
}

function prune(runs: number): Promise<void> {
	return pruneRecords(bench.host, layout, { withOutput: runs, outputBytes: 1e9, runs, recordBytes: 1e9, slack: 1 })
}
