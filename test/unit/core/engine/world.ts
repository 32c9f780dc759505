import { expect } from "vitest"
import type { ModuleOnHost } from "../../../../core/engine/engine.ts"
import type { Disk, Host } from "../../../../core/engine/host.ts"
import { makeLayout } from "../../../../core/engine/layout.ts"
import { confirmPool } from "../../../../core/engine/signals.ts"
import type { PoolOutcome } from "../../../../core/schema/outcome.ts"
import { read } from "../../../fault/appliance.ts"
import type { Inodes } from "../../../fault/disk/inode.ts"
import { FILES, type MemoryBench } from "./memory-bench.ts"
import type { Applied, TestModule, TestPool } from "./workbench.ts"

/** Who asks, in every run. */
export const BY = "an engineer"

/** What a row says, and where a run is. */
export interface World {
	has(word: string): boolean
	/** Under way is what happened earlier, which went well but for what `failed-before` says. */
	isBefore: boolean
	/** The pool and phase that the run is in, from its journal. */
	now?: { pool?: string | undefined; phase: string }
	/** The disk refused once. */
	isRefused?: boolean
	/** What the crash left; what the process does afterwards is lost. */
	crashed?: Inodes
}

/** What stands on the appliance, and what an earlier run did. */
export async function prepare(bench: MemoryBench, world: World): Promise<ModuleOnHost> {
	const { has } = world
	for (const id of ["p1", "p2"]) {
		const place = `${id}.txt`
		if (id === "p1" && has("folder-at-destination")) await bench.disk.makeFolder(`${FILES}/${place}`, 0o755)
		else if (id !== "p1" || !has("no-file")) await bench.write(place, "old", 0o640)
	}
	const module = await bench.module(makeModule(has, "1.0.0"))
	if (["again", "failed-before", "revert"].some(has)) await run(bench, { ...world, isBefore: true }, module)
	bench.restart()
	if (has("other-source"))
		return { ...module, pathOf: (target) => (target === "p1-0" ? `${FILES}/p2.txt` : module.pathOf(target)) }
	if (has("source-missing"))
		return { ...module, pathOf: (target) => `${module.pathOf(target)}${target === "p1-0" ? "-none" : ""}` }
	return has("higher") ? bench.module(makeModule(has, "1.1.0")) : module
}

function makeModule(has: World["has"], version: string): TestModule {
	const pool = (id: string): TestPool => ({
		id,
		files: { [`${id}/made/deep.txt`]: "new", [`${id}.txt`]: "new" },
		closure: [`${id}-closure`],
	})
	const p1: TestPool = {
		...pool("p1"),
		...(has("checks") ? { checks: ["p1-check"] } : {}),
		...(has("confirmed") || has("not-confirmed") ? { confirmSeconds: 30 } : {}),
		...(has("p1-disabled") ? { enabled: false } : {}),
		...(has("unknown-owner") ? { permissions: { owner: "nobody-here" } } : {}),
	}
	return { version, pools: [p1, pool("p2")], finalClosure: has("no-final") ? [] : ["final"] }
}

export async function run(bench: MemoryBench, world: World, module: ModuleOnHost): Promise<Applied> {
	const { has, isBefore } = world
	const cancel = new AbortController()
	const plain = bench.host
	bench.host = makeHost(bench, world, cancel)
	try {
		if (has("revert") && !isBefore) return await bench.revert({ pool: "p1", by: BY }, { signal: cancel.signal })
		const only = ["p1", "p2"].filter((pool) => has(`only-${pool}`))
		const request = {
			kind: has("rehearse") && !isBefore ? "rehearse" : "apply",
			force: has("force"),
			modify: has("modify") && !isBefore,
			by: BY,
			...(only.length > 0 ? { pools: only } : {}),
		} as const
		return await bench.apply(module, request, { signal: cancel.signal })
	} finally {
		bench.host = plain
	}
}

/** The appliance, but for what the row says. */
export function makeHost(bench: MemoryBench, world: World, cancel: AbortController): Host {
	const { host } = bench
	const { has } = world
	let hanging: (() => void) | undefined
	const clock = {
		...host.clock,
		/** Runs out only where a command hangs; a cancel is quicker. */
		after: (_: number, call: () => void) => {
			const timer = setTimeout(() => hanging && !has("cancel-at-command") && call(), 5)
			return () => clearTimeout(timer)
		},
	}
	const shell: Host["shell"] = {
		...host.shell,
		open: async () => {
			if (has("no-shell") && !world.isBefore) throw new Error("there is no shell")
			return {
				run: async (command) => {
					const verdict = await verdictOf(bench, world, command)
					if (verdict !== "hangs") return { endedShell: false, exit: verdict }
					if (has("cancel-at-command")) setTimeout(() => cancel.abort(), 5)
					await new Promise<void>((resolve) => {
						hanging = resolve
					})
					hanging = undefined
					return { endedShell: true, signal: "SIGTERM" }
				},
				end: async () => {
					hanging?.()
					return 0
				},
				close: async () => {},
			}
		},
	}
	return { ...host, clock, shell, disk: makeDisk(bench, world, cancel) }
}

/** The exit of a command, or that it never ends. */
async function verdictOf(
	{ disk }: MemoryBench,
	{ has, isBefore, now }: World,
	command: string,
): Promise<number | "hangs"> {
	const isNew = !has("folder-at-destination") && (await read(disk, `${FILES}/p1.txt`)) === "new"
	if (isBefore) return has("failed-before") && command === "p1-closure" && isNew ? 1 : 0
	if (command === "final") return has("final-hangs") ? "hangs" : has("final-fails") ? 1 : 0
	if (command === "p1-check") return has("broken-before") || (has("checks-fail-after") && isNew) ? 1 : 0
	if (command !== "p1-closure") return 0
	if (has("closure-hangs-always") || (has("closure-hangs") && now?.phase === "closure")) return "hangs"
	if (has("closure-fails-always") || (has("closure-fails") && isNew)) return 1
	return has("closure-fails-on-old") && !isNew ? 1 : 0
}

/** Tells from the journal where the run is, so that things go wrong exactly there. */
function makeDisk(bench: MemoryBench, world: World, cancel: AbortController): Disk {
	const { disk } = bench
	const { has, isBefore } = world
	const enter = (bytes: Uint8Array) => {
		world.now = phaseOf(bytes) ?? world.now
		if (isBefore || (world.now?.pool ?? "p1") !== "p1") return
		if (phaseOf(bytes) && has(`cancel-in-${world.now?.phase}`)) cancel.abort()
	}
	const crash = () => {
		if (!isBefore) world.crashed ??= disk.inodes()
	}
	const refuse = (fault: string, phase: string) => {
		const isHere = world.now?.pool === "p1" && world.now.phase === phase
		if (isBefore || !has(fault) || !isHere || world.isRefused) return
		world.isRefused = true
		throw eio()
	}
	return {
		...disk,
		open: async (path, how, mode) => {
			if (how === "readItself" && path.endsWith("/p1.txt")) refuse("backup-fails", "backup")
			const file = await disk.open(path, how, mode)
			if (!path.endsWith("journal.jsonl")) return file
			const write: typeof file.write = async (bytes, position) => {
				enter(bytes)
				refuseRecord(world, bytes)
				if (has("backup-lost") && world.now?.phase === "closure" && world.now.pool === "p1") await loseBackup(bench)
				await file.write(bytes, position)
				if (phaseOf(bytes) ? isCrash(world, bytes) : isCrashAt(world, bytes)) crash()
			}
			return { ...file, write }
		},
		rename: async (from, to) => {
			if (to.endsWith("/p1.txt")) {
				refuse("apply-fails", "apply")
				refuse("restore-fails", "restore")
			}
			if (to.endsWith("/record.json") && has("crash-at-end")) crash()
			await disk.rename(from, to)
			// Half of the pool is in place.
			const isHalf = to.endsWith(has("revert") ? "/p1.txt" : "/deep.txt")
			if (isHalf && world.now?.phase === "apply" && has("crash-in-apply")) crash()
		},
		remove: async (path) => {
			if (path.endsWith("/deep.txt")) refuse("removal-fails", "restore")
			await disk.remove(path)
		},
		room: async (path) => (has("no-room") ? { freeBytes: 10, freeFiles: undefined } : disk.room(path)),
		lstat: async (path) => {
			const isAsked = path.endsWith("/confirm-p1")
			if (isAsked && has("confirmed")) await confirmPool(bench.host, bench.options, runOf(path), "p1")
			return disk.lstat(path)
		},
	}
}

function phaseOf(bytes: Uint8Array): World["now"] {
	const line = new TextDecoder().decode(bytes)
	const [, pool, phase] = /"type":"phase"(?:,"pool":"([^"]+)")?,"phase":"([^"]+)"/.exec(line) ?? []
	return phase === undefined ? undefined : { pool, phase }
}

/** Where commands run: when they are about to. */
const withCommands = ["baseline", "closure", "checks", "reclosure", "final-closure"]

function isCrash({ has, now }: World, bytes: Uint8Array): boolean {
	if (!now || (now.phase === "apply" && now.pool === "p1")) return false
	const isMarked = new TextDecoder().decode(bytes).includes('"mark"')
	if (withCommands.includes(now.phase) !== isMarked) return false
	return has(`crash-in-${now.pool === "p2" ? "p2-" : ""}${now.phase}`)
}

/** The disk does not take where a pool begins or ends, once. */
function refuseRecord(world: World, bytes: Uint8Array): void {
	const line = new TextDecoder().decode(bytes)
	const isHere =
		(world.has("open-refused") && line.includes('"type":"pool-open","pool":"p1"')) ||
		(world.has("commit-refused") && line.includes('"type":"pool-closed","pool":"p1"'))
	if (world.isBefore || !isHere || world.isRefused) return
	world.isRefused = true
	throw eio()
}

function eio(): Error {
	return Object.assign(new Error("EIO"), { code: "EIO" })
}

/** Between two phases. */
function isCrashAt({ has }: World, bytes: Uint8Array): boolean {
	const line = new TextDecoder().decode(bytes)
	return (
		(has("crash-in-backup-done") && line.includes('"type":"backup-complete","pool":"p1"')) ||
		["p1", "p2"].some(
			(pool) => has(`crash-at-${pool}-closed`) && line.includes(`"type":"pool-closed","pool":"${pool}"`),
		) ||
		(has("crash-at-p2-open") && line.includes('"type":"pool-open","pool":"p2"'))
	)
}

function runOf(path: string): string {
	return path.split("/").at(-2) ?? ""
}

async function loseBackup({ disk, options }: MemoryBench): Promise<void> {
	const { blobs } = makeLayout(options.stateFolder)
	for (const name of (await disk.readFolder(blobs)) ?? []) await disk.remove(`${blobs}/${name}`)
}

/** Failed: bytes, mode, owner, times, existence and made folders are those of before (DESIGN invariant 1). */
export function checkFiles(
	bench: MemoryBench,
	has: World["has"],
	pool: string,
	outcome: PoolOutcome | undefined,
	before: Record<string, string>,
): void {
	const of = (tree: Record<string, string>) =>
		Object.entries(tree).filter(([path]) => path.startsWith(`${FILES}/${pool}`))
	const now = of(bench.tree())
	const files = now.filter(([path]) => path.endsWith(".txt")).map(([, text]) => text.split(" ").at(-1))
	const isBack = outcome !== "applied" || has("rehearse")
	if (has("revert") && outcome === "applied") expect(files).toEqual(["old"])
	else if (outcome === "degraded") expect(now.length).toBeGreaterThan(0)
	else if (isBack) expect(now).toEqual(of(before))
	else expect(files).toEqual(["new", "new"])
}

/** The rows of a table, cell by cell; its first line names the columns. */
export function readRows(table: string): string[][] {
	const [, ...rows] = table.split("\n").filter((line) => line.includes("|"))
	return rows.map((line) => line.split("|").map((cell) => cell.trim()))
}
