import type { Host } from "../../core/engine/host.ts"
import { revertPool } from "../../core/engine/revert.ts"
import type { RunEvent } from "../../core/schema/event.ts"
import type { PoolOutcome } from "../../core/schema/outcome.ts"
import {
	apply,
	emptyInodes,
	FILES,
	makeFolders,
	options,
	read,
	type TestModule,
	times,
	write,
	writeSources,
} from "./appliance.ts"
import type { Inodes } from "./disk/inode.ts"
import type { SimulatedDisk, Sync } from "./disk/simulated-disk.ts"
import { type Command, createSimulatedHost } from "./simulated-host.ts"

type OnEvent = (event: RunEvent) => void

/** One thing that the engine is asked to do, on an appliance that is ready for it. Pools live in folders of their name. */
export interface Scenario {
	name: string
	commands: Record<string, Command>
	/** The appliance before, all of it safe on disk. */
	prepare(): Promise<Inodes>
	/** What is failed and cut short, as the run with id `run`. */
	step(host: Host, onEvent: OnEvent): Promise<unknown>
	/** What becomes of each pool when nothing goes wrong. */
	outcomes: Record<string, PoolOutcome>
	/** Content of files then; undefined where there is none. Everything else below a failed pool is as before. */
	contents: Record<string, string | undefined>
	/** The customer's originals that must outlive everything, from the beginning. */
	originals: Record<string, string>
	/** What is pinned besides, once the pool in whose folder it lies is applied; undefined where there was nothing. */
	newOriginals: Record<string, string | undefined>
	/** Syncs that fail, with all that programs have learned to fear of it. */
	failsSync?(sync: Sync): boolean
	/** The appliance goes on: what the next run, which must end as it always does, is. */
	next(host: Host, onEvent: OnEvent): Promise<unknown>
	nextOutcomes: Record<string, PoolOutcome>
}

const first: TestModule = { version: "0.9.0", pools: [{ id: "p1", files: { "p1/a.txt": "first a" } }] }

/** One pool passes, the other one's closure fails on its new files and breaks what it can on the way. */
const both: TestModule = {
	version: "1.0.0",
	pools: [
		{
			id: "p1",
			files: {
				"p1/a.txt": "new a",
				"p1/same.txt": "same",
				"p1/mode.txt": { content: "mode", mode: "0644" },
				"p1/link.txt": "new target",
				"p1/hard.txt": "new hard",
				"p1/made/deep/n.txt": "new n",
			},
		},
		{
			id: "p2",
			files: {
				"p2/b.txt": "new b",
				"p2/same.txt": "same",
				"p2/link.txt": "new target",
				"p2/hard.txt": "new hard, longer",
				"p2/gone/g.txt": "new g",
				"p2/made/n.txt": "new n",
			},
			closure: ["fail on new"],
		},
	],
	finalClosure: ["true"],
}

const commands: Record<string, Command> = {
	"fail on new": failOnNew,
	"fail on old": failOnOld,
	"fail on new a": failOnNewA,
}

/** As bad as a closure can be: it leaves no file, link or folder of its pool as it should. */
async function failOnNew(disk: SimulatedDisk): Promise<number> {
	const at = (name: string) => `${FILES}/p2/${name}`
	if ((await read(disk, at("b.txt"))) !== "new b") return 0
	const file = await disk.open(at("same.txt"), "append")
	await file.write(new TextEncoder().encode(" and more"), 0)
	await file.close()
	await disk.remove(at("link.txt"))
	await write(disk, at("link.txt"), "no link any more")
	await disk.removeTree(at("gone"))
	disk.setMode(at("sub"), 0o777)
	return 1
}

async function failOnOld(disk: SimulatedDisk): Promise<number> {
	return (await read(disk, `${FILES}/p1/a.txt`)) === "new a" ? 0 : 1
}

async function failOnNewA(disk: SimulatedDisk): Promise<number> {
	return (await read(disk, `${FILES}/p2/a.txt`)) === "new a" ? 1 : 0
}

async function writeCustomers(disk: SimulatedDisk): Promise<void> {
	for (const pool of ["p1", "p2"]) {
		const at = (name: string) => `${FILES}/${pool}/${name}`
		await write(disk, at("a.txt"), "the customer's a", 0o640)
		await write(disk, at("b.txt"), "the customer's b", 0o600)
		disk.setOwner(at("b.txt"), 7, 8)
		disk.setAttributes(at("b.txt"), "user.b=1")
		disk.setAttributes(at("a.txt"), "user.a=1")
		await write(disk, at("same.txt"), "same")
		await write(disk, at("mode.txt"), "mode", 0o600)
		await write(disk, at("sub/target.txt"), "the customer's target")
		await disk.makeLink("sub/target.txt", at("link.txt"))
		await write(disk, at("hard.txt"), "the customer's hard")
		await disk.link(at("hard.txt"), at("other.txt"))
		await write(disk, at("gone/g.txt"), "the customer's g")
		disk.setOwner(at("gone"), 7, 8)
	}
	await makeFolders(disk, "/var/log")
}

/** An appliance on which runs were made before, all of them long safe. */
async function prepare(modules: TestModule[], earlier: ((host: Host) => Promise<unknown>)[]): Promise<Inodes> {
	const before = createSimulatedHost(emptyInodes(), { now: times.before })
	await writeSources(before.disk, modules)
	await writeCustomers(before.disk)
	before.disk.syncAll()
	let inodes = before.disk.inodes()
	for (const [index, run] of earlier.entries()) {
		const host = createSimulatedHost(inodes, { now: times.earlier + index * 3_600_000, commands })
		await run(host)
		host.disk.syncAll()
		inodes = host.disk.inodes()
	}
	return inodes
}

const newFiles = {
	"p1/a.txt": "new a",
	"p1/same.txt": "same",
	"p1/mode.txt": "mode",
	"p1/sub/target.txt": "new target",
	"p1/hard.txt": "new hard",
	"p1/other.txt": "new hard",
	"p1/made/deep/n.txt": "new n",
	"p2/b.txt": "the customer's b",
	"p2/sub/target.txt": "the customer's target",
	"p2/other.txt": "the customer's hard",
	"p2/made/n.txt": undefined,
}

const applied = {
	commands,
	prepare: () => prepare([first, both], [(host) => apply(host, first, "first")]),
	outcomes: { p1: "applied", p2: "failed" },
	contents: newFiles,
	originals: { "p1/a.txt": "the customer's a" },
	newOriginals: {},
	next: (host: Host, onEvent: OnEvent) => apply(host, both, "next", { force: true }, onEvent),
	nextOutcomes: { p1: "applied", p2: "failed" },
} satisfies Partial<Scenario>

/** The very first run of an appliance: the state folder is made too. */
const firstRun: TestModule = {
	version: "1.0.0",
	pools: [{ id: "p1", files: { "p1/a.txt": "new a", "p1/made/n.txt": "new n" } }],
}

/** As little as shows everything: a file that is replaced, one that is made, a folder. */
const tiny: TestModule = {
	version: "1.0.0",
	pools: [{ id: "p2", files: { "p2/a.txt": "new a", "p2/made/n.txt": "new n" }, closure: ["fail on new a"] }],
}

const newer: TestModule = {
	version: "2.0.0",
	pools: [
		{ id: "p1", files: { "p1/a.txt": "newer a", "p1/b.txt": "newer b", "p1/made/n.txt": "newer n" } },
		{ id: "p2", files: { "p2/b.txt": "newer b", "p2/made/n.txt": "newer n" } },
	],
}
const older: TestModule = { version: "1.0.0", pools: [{ id: "p1", files: { "p1/a.txt": "new a" } }] }

const confirming: TestModule = {
	version: "1.0.0",
	pools: [{ id: "p1", files: { "p1/a.txt": "new a", "p1/hard.txt": "new hard" }, checks: ["true"], confirmSeconds: 1 }],
}

const revertible: TestModule = {
	version: "1.0.0",
	pools: [{ id: "p1", files: { "p1/a.txt": "new a", "p1/hard.txt": "new hard", "p1/made/n.txt": "new n" } }],
}
const irreversible: TestModule = {
	version: "1.0.0",
	pools: revertible.pools.map((pool) => ({ ...pool, closure: ["fail on old"] })),
}

function revert(host: Host, onEvent: OnEvent): Promise<unknown> {
	return revertPool(host, options, { pool: "p1", original: false, force: false }, { run: "run", onEvent })
}

export type ScenarioName = keyof typeof scenarios

export const scenarios = {
	apply: {
		...applied,
		name: "one pool passes, the other is put back",
		step: (host, onEvent) => apply(host, both, "run", {}, onEvent),
		newOriginals: {
			"p1/hard.txt": "the customer's hard",
			"p1/sub/target.txt": "the customer's target",
			"p1/made/deep/n.txt": undefined,
		},
	},
	firstRun: {
		...applied,
		name: "the first run of an appliance",
		prepare: () => prepare([firstRun], []),
		step: (host, onEvent) => apply(host, firstRun, "run", {}, onEvent),
		outcomes: { p1: "applied" },
		contents: { "p1/a.txt": "new a", "p1/made/n.txt": "new n" },
		originals: {},
		newOriginals: { "p1/a.txt": "the customer's a", "p1/made/n.txt": undefined },
		next: (host, onEvent) => apply(host, firstRun, "next", { force: true }, onEvent),
		nextOutcomes: { p1: "applied" },
	},
	rehearse: {
		...applied,
		name: "a rehearsal",
		step: (host, onEvent) => apply(host, both, "run", { kind: "rehearse" }, onEvent),
		contents: {
			...newFiles,
			"p1/a.txt": "first a",
			"p1/sub/target.txt": "the customer's target",
			"p1/hard.txt": "the customer's hard",
			"p1/other.txt": "the customer's hard",
			"p1/made/deep/n.txt": undefined,
		},
	},
	modify: {
		...applied,
		name: "a rehearsal that changes the files first",
		step: (host, onEvent) => apply(host, both, "run", { kind: "rehearse", modify: true }, onEvent),
		contents: {
			...newFiles,
			"p1/a.txt": "first a",
			"p1/sub/target.txt": "the customer's target",
			"p1/hard.txt": "the customer's hard",
			"p1/other.txt": "the customer's hard",
			"p1/made/deep/n.txt": undefined,
		},
	},
	tiny: {
		...applied,
		name: "one small pool is put back",
		prepare: () => prepare([tiny], []),
		step: (host, onEvent) => apply(host, tiny, "run", {}, onEvent),
		outcomes: { p2: "failed" },
		contents: { "p2/a.txt": "the customer's a", "p2/made/n.txt": undefined },
		originals: {},
		next: (host, onEvent) => apply(host, tiny, "next", { force: true }, onEvent),
		nextOutcomes: { p2: "failed" },
	},
	revert: {
		...applied,
		name: "a revert",
		prepare: () =>
			prepare(
				[first, revertible],
				[(host) => apply(host, first, "first"), (host) => apply(host, revertible, "second")],
			),
		step: revert,
		outcomes: { p1: "applied" },
		contents: { "p1/a.txt": "first a", "p1/hard.txt": "the customer's hard", "p1/made/n.txt": undefined },
		originals: { "p1/a.txt": "the customer's a", "p1/hard.txt": "the customer's hard" },
		next: (host, onEvent) => apply(host, revertible, "next", { force: true }, onEvent),
		nextOutcomes: { p1: "applied" },
	},
	failedRevert: {
		...applied,
		name: "a revert that is put back",
		prepare: () =>
			prepare(
				[first, irreversible],
				[(host) => apply(host, first, "first"), (host) => apply(host, irreversible, "second")],
			),
		step: revert,
		outcomes: { p1: "failed" },
		contents: { "p1/a.txt": "new a", "p1/hard.txt": "new hard", "p1/made/n.txt": "new n" },
		originals: { "p1/a.txt": "the customer's a", "p1/hard.txt": "the customer's hard" },
		next: (host, onEvent) => apply(host, irreversible, "next", { force: true }, onEvent),
		nextOutcomes: { p1: "applied" },
	},
	goingBack: {
		...applied,
		name: "going back to an older version",
		prepare: () =>
			prepare([older, newer], [(host) => apply(host, older, "first"), (host) => apply(host, newer, "second")]),
		step: (host, onEvent) => apply(host, older, "run", { allowDowngrade: true }, onEvent),
		outcomes: { p1: "applied", p2: "applied" },
		contents: {
			"p1/a.txt": "new a",
			"p1/b.txt": "the customer's b",
			"p1/made/n.txt": undefined,
			"p2/b.txt": "the customer's b",
			"p2/made/n.txt": undefined,
		},
		originals: { "p1/a.txt": "the customer's a", "p1/b.txt": "the customer's b", "p2/b.txt": "the customer's b" },
		next: (host, onEvent) => apply(host, newer, "next", { force: true }, onEvent),
		nextOutcomes: { p1: "applied", p2: "applied" },
	},
	confirm: {
		...applied,
		name: "nobody confirms",
		prepare: () => prepare([first, confirming], [(host) => apply(host, first, "first")]),
		step: (host, onEvent) => apply(host, confirming, "run", {}, onEvent),
		outcomes: { p1: "failed" },
		contents: { "p1/a.txt": "first a", "p1/hard.txt": "the customer's hard" },
		next: (host, onEvent) => apply(host, confirming, "next", { force: true }, onEvent),
		nextOutcomes: { p1: "failed" },
	},
} satisfies Record<string, Scenario>
