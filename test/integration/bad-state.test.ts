import { execFileSync } from "node:child_process"
import {
	appendFileSync,
	chmodSync,
	chownSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmSync,
	statSync,
	symlinkSync,
	truncateSync,
	writeFileSync,
} from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { type Called, callRunner } from "../support/in-process.ts"
import { createMachine, type Machine } from "../support/machine.ts"
import { compareTrees, readTree, type Tree } from "../support/tree.ts"

const isTrace = /^\s+at .*[:(]|node:internal|\bat async\b/m
const commands = ["status", "history", "plan", "recover", "apply", "revert"] as const
type Command = (typeof commands)[number]
type Expected = [exit: number, words: RegExp]

/** What a command says where there is nothing to complain about. */
const well: Record<Command, Expected> = {
	status: [0, /sample 1\.0\.2/],
	history: [0, /1\.0\.2/],
	plan: [0, /sample 1\.0\.\d/],
	recover: [0, /no run was left open/],
	apply: [0, /pool p: applied/],
	revert: [0, /pool p: applied/],
}

/** A machine on which versions 1.0.1 and 1.0.2 of a pool were applied; saved, so that every command finds the same. */
let machine: Machine
let next: string
let before: Tree

beforeAll(async () => {
	machine = createMachine()
	machine.write("files/a", "the customer's\n")
	expect((await machine.apply([pool("first")])).exit).toBe(0)
	expect((await machine.apply([pool("second")])).exit).toBe(0)
	next = machine.module([pool("third")])
	save()
}, 180_000)
afterAll(() => machine.remove())

function pool(text: string, closure = ["true"]) {
	return {
		id: "p",
		files: { [machine.at("files/a")]: `${text}\n`, [machine.at("files/made/b")]: `${text}\n` },
		closure,
	}
}

const kept = ["files", "state"]

function save(): void {
	rmSync(machine.at("saved"), { recursive: true, force: true })
	mkdirSync(machine.at("saved"))
	execFileSync("cp", ["-a", ...kept.map((name) => machine.at(name)), machine.at("saved")])
	before = readTree(machine.at("files"))
}

function reset(): void {
	for (const name of kept) rmSync(machine.at(name), { recursive: true, force: true })
	execFileSync("cp", ["-a", machine.at("saved/files"), machine.at("saved/state"), machine.folder])
}

const inState = (...names: string[]) => join(machine.state, ...names)
/** Oldest first; two runs of one second have names in any order. */
const runs = () => {
	const madeAt = (run: string) => statSync(inState("runs", run)).mtimeMs
	return readdirSync(inState("runs")).sort((a, b) => madeAt(a) - madeAt(b))
}
const newest = (name: string) => inState("runs", runs().at(-1) ?? "", name)
const cut = (path: string, bytes: number) => truncateSync(path, readFileSync(path).length - bytes)
const all = (folder: string, damage: (path: string) => void) => {
	for (const name of readdirSync(inState(folder))) damage(inState(folder, name))
}
const damageStart = (path: string) => writeFileSync(path, `x${readFileSync(path, "utf8")}`)
const backups = () => readdirSync(inState("backups/pools/p")).map((run) => inState("backups/pools/p", run))

function argumentsOf(command: Command): string[] {
	if (command === "plan" || command === "apply") return [command, "--module", next]
	return command === "revert" ? [command, "--pool", "p"] : [command]
}

/** In this process: nothing of what is damaged here meets the building of the program. */
const call = (command: Command) => callRunner([...argumentsOf(command), "--state", machine.state, "--log", log()])
const log = () => machine.at("update.log")
/** The built program, where nothing is damaged. */
const callProgram = (command: Command): Promise<Pick<Called, "stdout" | "stderr"> & { exit: number | null }> =>
	machine.run(...argumentsOf(command))

/** Whatever is damaged: an exit code of the table, a sentence, no trace. */
function expectTold(
	{ exit, stdout, stderr }: Awaited<ReturnType<typeof callProgram>>,
	[wanted, words]: Expected,
): void {
	expect(`${stdout}\n${stderr}`).toMatch(words)
	expect(`${stdout}\n${stderr}`).not.toMatch(isTrace)
	expect(exit).toBe(wanted)
	if (exit === 2) expect(stderr).not.toBe("")
}

const remade = /the state file was damaged: made again, the old one is .*state\.json\.damaged-\d+/

describe.each<[string, () => void, Partial<Record<Command, Expected>>]>([
	["nothing", () => {}, {}],
	["a state file cut in half", () => cut(inState("state.json"), 200), { apply: [0, remade] }],
	["an empty state file", () => truncateSync(inState("state.json")), { apply: [0, remade] }],
	["a state file that is no JSON", () => writeFileSync(inState("state.json"), "\0\0\0\0"), { apply: [0, remade] }],
	[
		"a state file of other types",
		() => writeFileSync(inState("state.json"), '{"format":1,"modules":[]}'),
		{ apply: [0, remade] },
	],
	["no state file", () => rmSync(inState("state.json")), {}],
	[
		"a folder in the state file's place",
		() => {
			rmSync(inState("state.json"))
			mkdirSync(inState("state.json"))
		},
		{ apply: [0, remade] },
	],
	[
		"a journal with a torn last line",
		() => cut(newest("journal.jsonl"), 30),
		{ recover: [0, /run \S+: applied/], status: [0, /run \S+ /], history: [0, /1\.0\.2/] },
	],
	[
		"a journal with half a line behind its end",
		() => appendFileSync(newest("journal.jsonl"), '0123456789abcdef {"type":"pool-op'),
		{},
	],
	["a journal that is empty", () => truncateSync(newest("journal.jsonl")), {}],
	["a journal whose first line is damaged", () => damageStart(newest("journal.jsonl")), {}],
	["no journal", () => rmSync(newest("journal.jsonl")), {}],
	["events with a torn last line", () => cut(newest("events.jsonl"), 20), {}],
	["a record that is no JSON", () => writeFileSync(newest("record.json"), "{"), {}],
	["a run's folder that is empty", () => mkdirSync(inState("runs/20990101-000000-abcdef")), {}],
	["a file among the runs", () => writeFileSync(inState("runs/stray"), "x"), {}],
	["a lock that is no JSON", () => writeFileSync(inState("lock/99"), "\0"), {}],
	[
		"a lock of a process that is gone",
		() => writeFileSync(inState("lock/99"), '{"run":"r","since":"s","pid":4194303}'),
		{},
	],
	[
		"a backup that was deleted",
		() => backups().map((path) => rmSync(path, { recursive: true })),
		{ revert: [3, /backup's manifest .*manifest\.json is missing/] },
	],
	[
		"a backup's manifest that is damaged",
		() => backups().map((path) => cut(join(path, "manifest.json"), 10)),
		{ revert: [3, /backup's manifest .*manifest\.json is damaged/] },
	],
	[
		"contents that were deleted",
		() => all("backups/blobs", (path) => rmSync(path)),
		{
			revert: [1, /pool p failed, everything is as it was before: preflight: the content for .*files\/a is not there/],
		},
	],
	[
		"contents that are damaged",
		() => all("backups/blobs", (path) => writeFileSync(path, "rot")),
		{ revert: [1, /preflight: the content for .*files\/a does not have the digest it should have/] },
	],
])("%s", (what, damage, different) => {
	test.each(commands)("%s", async (command) => {
		reset()
		damage()
		const called = await (what === "nothing" ? callProgram : call)(command)
		expectTold(called, different[command] ?? well[command])
		const isDone = called.exit === 0 && (command === "apply" || command === "revert")
		if (!isDone) expect(compareTrees(before, readTree(machine.at("files")))).toEqual([])
		else expect(machine.read("files/a")).toBe(command === "apply" ? "third\n" : "first\n")
	})
})

const isRoot = process.geteuid?.() === 0
const asRoot = isRoot ? "" : " (skipped: needs root)"

describe.each<[string, () => void, RegExp, boolean?]>([
	["that others may write to", () => chmodSync(machine.state, 0o777), /others may write to it/],
	["that its group may write to", () => chmodSync(machine.state, 0o720), /others may write to it/],
	["that others may read", () => chmodSync(machine.state, 0o755), /others may read it/],
	[`of somebody else${asRoot}`, () => chownSync(machine.state, 1234, 1234), /it belongs to user 1234/, true],
	[
		"that is a link",
		() => {
			renameSync(machine.state, `${machine.state}.real`)
			symlinkSync(`${machine.state}.real`, machine.state)
		},
		/it is a link/,
	],
	[
		"that is a file",
		() => {
			rmSync(machine.state, { recursive: true })
			writeFileSync(machine.state, "")
		},
		/it is no folder/,
	],
])("a state folder %s", (_, damage, words, needsRoot = false) => {
	test.skipIf(needsRoot && !isRoot).each(commands)("%s: exit 2, and nothing is touched", async (command) => {
		rmSync(`${machine.state}.real`, { recursive: true, force: true })
		reset()
		damage()
		const state = () =>
			execFileSync("ls", ["-lnR", "--full-time", `${machine.state}/`, machine.state], {
				encoding: "utf8",
				stdio: ["ignore", "pipe", "ignore"],
			})
		const list = () => {
			try {
				return state()
			} catch {
				return ""
			}
		}
		const listed = list()
		expectTold(await call(command), [2, words])
		expect(compareTrees(before, readTree(machine.at("files")))).toEqual([])
		expect(list()).toBe(listed)
	})
})

describe("a run that was killed in its closure", () => {
	let interrupted: Tree
	beforeAll(async () => {
		reset()
		// Only the first time: a pool that cannot go back has its closure run on these very files.
		const started = machine.at("started")
		const closure = `if grep -q killed ${machine.at("files/a")} && test ! -e ${started}; then touch ${started}; sleep 60; fi`
		const module = machine.module([pool("killed", [closure])])
		await machine.kill(machine.at("started"), "apply", "--module", module)
		next = machine.module([pool("third")])
		save()
		interrupted = before
	}, 180_000)

	const open: Record<Command, Expected> = {
		...well,
		status: [0, /run \S+ /],
		recover: [1, /run \S+: failed/],
		revert: [0, /pool p: applied/],
	}
	const lost = (words: RegExp): Partial<Record<Command, Expected>> => ({ recover: [3, words] })

	test.each(commands)("nothing is damaged: %s", async (command) => {
		reset()
		expectTold(await callProgram(command), open[command])
		expect(machine.read("files/a")).toBe(
			{
				status: "killed\n",
				history: "killed\n",
				plan: "killed\n",
				recover: "second\n",
				apply: "third\n",
				revert: "first\n",
			}[command],
		)
	})

	describe.each<[string, () => void, RegExp]>([
		[
			"contents that were deleted",
			() => all("backups/blobs", (path) => rmSync(path)),
			/cannot restore .*files\/a: its backup is missing or damaged/,
		],
		[
			"contents that are damaged",
			() => all("backups/blobs", (path) => writeFileSync(path, "rot")),
			/cannot restore .*files\/a: its backup is missing or damaged/,
		],
		[
			"no backup",
			() => backups().map((path) => rmSync(path, { recursive: true })),
			/nothing could be restored: the backup's manifest .* is missing/,
		],
		[
			"a damaged manifest",
			() => backups().map((path) => cut(join(path, "manifest.json"), 10)),
			/nothing could be restored: the backup's manifest .* is damaged/,
		],
	])("%s", (_, damage, words) => {
		test("recover: the pool is degraded, the live file left alone, and it stays said", async () => {
			reset()
			damage()
			expectTold(await call("recover"), lost(words).recover ?? open.recover)
			expect(machine.read("files/a")).toBe("killed\n")
			expectTold(await call("status"), [0, /p\s+degraded/])
			expectTold(await callRunner(["history", "--json", "--state", machine.state]), [0, words])
			expectTold(await call("recover"), well.recover)
		})
	})

	test.each(commands)("a journal whose first line is damaged is said, and nothing begins: %s", async (command) => {
		reset()
		const run = runs().at(-1) ?? ""
		damageStart(newest("journal.jsonl"))
		const damaged: Expected = [
			3,
			new RegExp(`${run}/journal\\.jsonl is damaged: nobody can tell what run ${run} had begun`),
		]
		const looks: Partial<Record<Command, Expected>> = {
			status: [0, new RegExp(run)],
			history: open.history,
			plan: open.plan,
		}
		expectTold(await call(command), looks[command] ?? damaged)
		expect(machine.read("files/a")).toBe("killed\n")
	})

	test("a journal with a torn last line, at every place: the way back does not depend on it", async () => {
		reset()
		const bytes = readFileSync(newest("journal.jsonl"))
		const complete = bytes.indexOf("\n", bytes.indexOf("backup-complete")) + 1
		for (let size = complete; size < bytes.length; size += 37) {
			reset()
			truncateSync(newest("journal.jsonl"), size)
			expectTold(await call("recover"), open.recover)
			expect(machine.read("files/a")).toBe("second\n")
		}
		expect(interrupted.size).toBeGreaterThan(0)
	})
})
