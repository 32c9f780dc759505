import { expect, test } from "vitest"
import type { ModuleOnHost } from "../../../../core/engine/engine.ts"
import { readHistory } from "../../../../core/engine/history.ts"
import type { Disk, Host } from "../../../../core/engine/host.ts"
import { makeLayout } from "../../../../core/engine/layout.ts"
import { confirmPool } from "../../../../core/engine/signals.ts"
import { exitOf, type PoolOutcome } from "../../../../core/schema/outcome.ts"
import { read } from "../../../fault/appliance.ts"
import { createMemoryBench, FILES, type MemoryBench } from "./memory-bench.ts"
import type { Applied, TestModule, TestPool } from "./workbench.ts"

/**
 * What is given in a few words, and what comes of it: the phases that pool p1 goes through (`!`: it failed there), how it
 * ends, how p2 ends, the final closure, the exit code. Each pool replaces its own file, which says "old", by one that says
 * "new", and makes another in a new folder. p2 goes `preflight backup apply closure` where it is applied.
 */
const table = `
given                           | p1                                                                    | p2       | final   | exit
                                | preflight backup apply closure = applied                              | applied  | passed  | 0
checks                          | preflight baseline backup apply closure checks = applied              | applied  | passed  | 0
confirmed                       | preflight backup apply closure confirm = applied                      | applied  | passed  | 0
checks confirmed                | preflight baseline backup apply closure checks confirm = applied      | applied  | passed  | 0

folder-at-destination           | preflight! = failed                                                   | applied  | not-run | 1
other-source                    | preflight! = failed                                                   | applied  | not-run | 1
source-missing                  | preflight! = failed                                                   | applied  | not-run | 1
unknown-owner                   | preflight! = failed                                                   | applied  | not-run | 1
no-room                         | preflight! = failed                                                   | failed   | not-run | 1
checks broken-before            | preflight baseline! = failed                                          | applied  | not-run | 1
backup-fails                    | preflight backup! = failed                                            | applied  | not-run | 1
checks backup-fails             | preflight baseline backup! = failed                                   | applied  | not-run | 1
apply-fails                     | preflight backup apply! restore reclosure = failed                    | applied  | not-run | 1
closure-fails                   | preflight backup apply closure! restore reclosure = failed            | applied  | not-run | 1
closure-hangs                   | preflight backup apply closure! restore reclosure = failed            | applied  | not-run | 1
no-shell                        | preflight backup apply closure! restore reclosure! = degraded         | degraded | not-run | 3
checks checks-fail-after        | preflight baseline backup apply closure checks! restore reclosure = failed | applied | not-run | 1
not-confirmed                   | preflight backup apply closure confirm! restore reclosure = failed    | applied  | not-run | 1
checks not-confirmed            | preflight baseline backup apply closure checks confirm! restore reclosure = failed | applied | not-run | 1

closure-fails restore-fails     | preflight backup apply closure! restore! reclosure! = degraded        | applied  | not-run | 3
closure-fails backup-lost       | preflight backup apply closure! restore! reclosure! = degraded        | applied  | not-run | 3
closure-fails removal-fails     | preflight backup apply closure! restore! reclosure = degraded         | applied  | not-run | 3
closure-fails-always            | preflight backup apply closure! restore reclosure! = degraded         | applied  | not-run | 3
closure-hangs-always            | preflight backup apply closure! restore reclosure! = degraded         | applied  | not-run | 3
apply-fails closure-fails-on-old | preflight backup apply! restore reclosure! = degraded                | applied  | not-run | 3

cancel-in-preflight             | preflight = failed                                                    | failed   | not-run | 1
checks cancel-in-baseline       | preflight baseline! = failed                                          | failed   | not-run | 1
cancel-in-backup                | preflight backup = failed                                             | failed   | not-run | 1
cancel-in-apply                 | preflight backup apply restore reclosure = failed                     | failed   | not-run | 1
cancel-in-closure               | preflight backup apply closure! restore reclosure = failed            | failed   | not-run | 1
closure-hangs cancel-at-command | preflight backup apply closure! restore reclosure = failed            | failed   | not-run | 1
checks cancel-in-checks         | preflight baseline backup apply closure checks! restore reclosure = failed | failed | not-run | 1
not-confirmed cancel-in-confirm | preflight backup apply closure confirm! restore reclosure = failed    | failed   | not-run | 1
closure-fails cancel-in-restore | preflight backup apply closure! restore reclosure = failed            | failed   | not-run | 1
closure-fails cancel-in-reclosure | preflight backup apply closure! restore reclosure = failed          | failed   | not-run | 1
cancel-in-final-closure         | preflight backup apply closure = applied                              | applied  | failed  | 5

p1-disabled                     | = skipped                                                             | applied  | passed  | 0
only-p2                         | = skipped                                                             | applied  | not-run | 0
only-p1                         | preflight backup apply closure = applied                              | skipped  | not-run | 0
final-fails                     | preflight backup apply closure = applied                              | applied  | failed  | 5
final-hangs                     | preflight backup apply closure = applied                              | applied  | failed  | 5
no-final                        | preflight backup apply closure = applied                              | applied  | not-run | 0
closure-fails final-fails       | preflight backup apply closure! restore reclosure = failed            | applied  | not-run | 1

again                           | = unchanged                                                           | unchanged | passed | 0
again final-fails               | = unchanged                                                           | unchanged | failed | 5
again force                     | preflight backup apply closure = applied                              | applied  | passed  | 0
again higher                    | preflight backup apply closure = applied                              | applied  | passed  | 0
again higher closure-fails      | preflight backup apply closure! restore reclosure! = degraded         | applied  | not-run | 3
failed-before                   | preflight backup apply closure = applied                              | unchanged | passed | 0
failed-before closure-fails     | preflight backup apply closure! restore reclosure = failed            | unchanged | not-run | 1

rehearse                        | preflight backup apply closure restore reclosure = applied            | applied  | not-run | 0
rehearse checks                 | preflight baseline backup apply closure checks restore reclosure = applied | applied | not-run | 0
rehearse not-confirmed          | preflight backup apply closure restore reclosure = applied            | applied  | not-run | 0
rehearse closure-fails          | preflight backup apply closure! restore reclosure = failed            | applied  | not-run | 1
rehearse closure-fails-on-old   | preflight backup apply closure restore reclosure! = degraded          | applied  | not-run | 3
rehearse restore-fails          | preflight backup apply closure restore! reclosure = degraded          | applied  | not-run | 3
again rehearse                  | preflight backup apply closure restore reclosure = applied            | applied  | not-run | 0

revert                          | preflight backup apply closure = applied                              |          | not-run | 0
revert checks confirmed         | preflight backup apply closure = applied                              |          | not-run | 0
revert closure-fails-on-old     | preflight backup apply closure! restore reclosure = failed            |          | not-run | 1
revert apply-fails              | preflight backup apply! restore reclosure = failed                    |          | not-run | 1
revert cancel-in-apply          | preflight backup apply restore reclosure = failed                     |          | not-run | 1
`

const rows = table
	.split("\n")
	.filter((line) => line.includes("|"))
	.slice(1)
	.map((line) => line.split("|").map((cell) => cell.trim()))

test.each(rows)("%s → %s", async (given = "", p1, p2, final, exit) => {
	const words = given.split(" ")
	const has = (word: string) => words.includes(word)
	const world: World = { has, isBefore: false }
	const bench = await createMemoryBench({})
	const module = await prepare(bench, world)
	const before = bench.tree()
	const applied = await run(bench, world, module)
	const { result, story, outcomes } = applied
	expect(result.state).toBe("finished")
	if (result.state !== "finished") return
	const { outcome, finalClosure } = result
	const told = { p1: story[0]?.slice("p1: ".length), p2: outcomes.p2 ?? "", final: finalClosure.outcome }
	expect({ ...told, exit: exitOf(outcome, finalClosure) }).toEqual({ p1, p2, final, exit: Number(exit) })
	if (p2 === "applied" && !has("rehearse")) expect(story[1]).toBe("p2: preflight backup apply closure = applied")
	expect(applied.events.map(({ seq }) => seq)).toEqual(applied.events.map((_, index) => index + 1))
	for (const pool of ["p1", "p2"]) checkFiles(bench, has, pool, outcomes[pool], before)
	const [last] = await readHistory(bench.host, bench.options)
	const pools = Object.entries(outcomes).map(([pool, outcome]) => ({ pool, outcome }))
	expect(last).toMatchObject({ state: "finished", outcome, finalClosure: { outcome: final }, pools })
})

interface World {
	has(word: string): boolean
	/** Under way is what happened earlier, which went well but for what `failed-before` says. */
	isBefore: boolean
	/** The pool and phase that the run is in, from its journal. */
	now?: { pool?: string | undefined; phase: string }
	/** The disk refused once. */
	isRefused?: boolean
}

/** What stands on the appliance, and what an earlier run did. */
async function prepare(bench: MemoryBench, world: World): Promise<ModuleOnHost> {
	const { has } = world
	for (const id of ["p1", "p2"]) {
		const place = `${id}.txt`
		if (id === "p1" && has("folder-at-destination")) await bench.disk.makeFolder(`${FILES}/${place}`, 0o755)
		else await bench.write(place, "old", 0o640)
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

async function run(bench: MemoryBench, world: World, module: ModuleOnHost): Promise<Applied> {
	const { has, isBefore } = world
	const cancel = new AbortController()
	const plain = bench.host
	bench.host = makeHost(bench, world, cancel)
	try {
		if (has("revert") && !isBefore) return await bench.revert({ pool: "p1" }, { signal: cancel.signal })
		const only = ["p1", "p2"].filter((pool) => has(`only-${pool}`))
		const request = {
			kind: has("rehearse") && !isBefore ? "rehearse" : "apply",
			force: has("force"),
			...(only.length > 0 ? { pools: only } : {}),
		} as const
		return await bench.apply(module, request, { signal: cancel.signal })
	} finally {
		bench.host = plain
	}
}

/** The appliance, but for what the row says. */
function makeHost(bench: MemoryBench, world: World, cancel: AbortController): Host {
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
	const enter = (line: string) => {
		const [, pool, phase = ""] = /"type":"phase"(?:,"pool":"([^"]+)")?,"phase":"([^"]+)"/.exec(line) ?? []
		if (phase === "") return
		world.now = { pool, phase }
		if (isBefore || (pool ?? "p1") !== "p1") return
		if (has(`cancel-in-${phase}`)) cancel.abort()
	}
	const refuse = (fault: string, phase: string) => {
		const isHere = world.now?.pool === "p1" && world.now.phase === phase
		if (isBefore || !has(fault) || !isHere || world.isRefused) return
		world.isRefused = true
		throw Object.assign(new Error("EIO"), { code: "EIO" })
	}
	return {
		...disk,
		open: async (path, how, mode) => {
			if (how === "readItself" && path.endsWith("/p1.txt")) refuse("backup-fails", "backup")
			const file = await disk.open(path, how, mode)
			if (!path.endsWith("journal.jsonl")) return file
			const write: typeof file.write = async (bytes, position) => {
				enter(new TextDecoder().decode(bytes))
				if (has("backup-lost") && world.now?.phase === "closure" && world.now.pool === "p1") await loseBackup(bench)
				await file.write(bytes, position)
			}
			return { ...file, write }
		},
		rename: async (from, to) => {
			if (to.endsWith("/p1.txt")) {
				refuse("apply-fails", "apply")
				refuse("restore-fails", "restore")
			}
			await disk.rename(from, to)
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

function runOf(path: string): string {
	return path.split("/").at(-2) ?? ""
}

async function loseBackup({ disk, options }: MemoryBench): Promise<void> {
	const { blobs } = makeLayout(options.stateFolder)
	for (const name of (await disk.readFolder(blobs)) ?? []) await disk.remove(`${blobs}/${name}`)
}

/** Failed: bytes, mode, owner, times, existence and made folders are those of before (DESIGN invariant 1). */
function checkFiles(
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
