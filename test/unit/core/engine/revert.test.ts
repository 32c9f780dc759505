import { execFileSync } from "node:child_process"
import {
	chmodSync,
	chownSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmSync,
	symlinkSync,
	writeFileSync,
} from "node:fs"
import { afterEach, beforeEach, expect, test } from "vitest"
import type { EngineRevertRequest, RunResult } from "../../../../core/engine/engine.ts"
import { makeLayout } from "../../../../core/engine/layout.ts"
import { revertPool } from "../../../../core/engine/revert.ts"
import type { EngineState } from "../../../../core/engine/state/state.ts"
import { readStatus } from "../../../../core/engine/status.ts"
import { sentenceOf } from "../../../../core/schema/sentences.ts"
import { createWorkbench, type TestModule, type Workbench } from "./workbench.ts"

let bench: Workbench
let count = 0
beforeEach(() => {
	bench = createWorkbench()
	bench.write("a", "customer's", 0o640)
})
afterEach(() => bench.remove())

const isRoot = process.geteuid?.() === 0
const layout = () => makeLayout(bench.options.stateFolder)
const module = (version: string, text: string, more: Partial<TestModule> = {}): TestModule => ({
	version,
	pools: [{ id: "p", files: { a: text } }],
	...more,
})
const revert = (request: Partial<EngineRevertRequest> = {}): Promise<RunResult> =>
	revertPool(
		bench.host,
		bench.options,
		{ pool: "p", original: false, force: false, ...request },
		{ run: `revert-${++count}` },
	)
const standing = async () => (await readStatus(bench.host, bench.options)).modules
/** What a state file says of modules, as `status` does: it is made again from the journals when it is gone. */
const modulesOf = (text: string) =>
	Object.entries((JSON.parse(text) as EngineState).modules).map(([name, { version, digest, pools }]) => ({
		name,
		version,
		digest,
		pools: Object.entries(pools).map(([pool, { outcome, run, at }]) => ({ pool, outcome, run, at })),
	}))
const wordsOf = (result: RunResult) => (result.state === "refused" ? sentenceOf(result.failure).what : result.state)

/** What somebody does to the one destination, `/a` or through the link `/l`, and what is said of it. */
const changes: [string, () => void, string][] = [
	["writes it", () => bench.write("a", "edited", 0o640), "a has other content"],
	["removes it", () => rmSync(bench.path("a")), "a was removed"],
	["sets its mode", () => chmodSync(bench.path("a"), 0o600), "a has another mode, owner or group"],
	[
		"puts a link in its place",
		() => {
			renameSync(bench.path("a"), bench.path("b"))
			symlinkSync("b", bench.path("a"))
		},
		"a leads to ",
	],
	[
		"puts a link that leads nowhere in its place",
		() => {
			rmSync(bench.path("a"))
			symlinkSync("nowhere", bench.path("a"))
		},
		"a is no file any more",
	],
	[
		"puts a folder in its place",
		() => {
			rmSync(bench.path("a"))
			mkdirSync(bench.path("a"))
		},
		"a is no file any more",
	],
]

test.each(changes)("somebody %s: refused and said, nothing touched", async (_, change, words) => {
	await bench.apply(module("1.0.0", "ours"))
	change()
	const before = bench.tree()
	const result = await revert()
	expect(result).toMatchObject({ state: "refused", failure: { code: "destination-changed" } })
	expect(wordsOf(result)).toContain(words)
	expect(bench.tree()).toEqual(before)
})

test.skipIf(!isRoot)(`somebody gives it away: refused${isRoot ? "" : " (skipped: needs root)"}`, async () => {
	await bench.apply(module("1.0.0", "ours"))
	chownSync(bench.path("a"), 1234, 0)
	expect(wordsOf(await revert())).toContain("another mode, owner or group")
})

test("somebody sets an extended attribute: refused", async ({ skip }) => {
	if (await bench.host.attributes.missing()) return skip("cp or tar cannot keep extended attributes here")
	await bench.apply(module("1.0.0", "ours"))
	try {
		execFileSync("setfacl", ["-m", "u:65534:r", bench.path("a")], { stdio: "ignore" })
	} catch {
		return skip("no setfacl, or a file system without ACLs")
	}
	chmodSync(bench.path("a"), 0o640)
	expect(wordsOf(await revert())).toContain("other extended attributes or ACLs")
})

test("the folder was exchanged for a link to another one: refused, and that one is not read for it", async () => {
	bench.write("etc/x", "customer's")
	await bench.apply({ pools: [{ id: "p", files: { "etc/x": "ours" } }] })
	renameSync(bench.path("etc"), bench.path("etc.real"))
	bench.write("secret/x", "secret")
	symlinkSync("secret", bench.path("etc"))
	expect(wordsOf(await revert())).toContain(`leads to ${bench.path("secret/x")} now`)
	expect(bench.read("secret/x")).toBe("secret")
})

test("what another pool wrote there later is not taken away in silence", async () => {
	await bench.apply({
		version: "1.0.0",
		pools: [
			{ id: "p", files: { a: "by p", b: "by p" } },
			{ id: "q", files: { a: "by q" } },
		],
	})
	const result = await revert()
	expect(result).toMatchObject({ failure: { code: "destination-changed", data: { paths: [bench.path("a")] } } })
	expect(wordsOf(result)).toMatch(/a was written by pool q of hotfix 1\.0\.0 \(run run-\d+\) since/)
	expect(bench.read("a")).toBe("by q")
	// The later one first, then the earlier one: nothing is in the way.
	expect(await revert({ pool: "q" })).toMatchObject({ outcome: "applied" })
	expect(bench.read("a")).toBe("by p")
	expect(await revert()).toMatchObject({ outcome: "applied" })
	expect(Object.keys(bench.tree())).toEqual(["a"])
	expect(bench.read("a")).toBe("customer's")
})

test("with --force it is taken away", async () => {
	await bench.apply({
		pools: [
			{ id: "p", files: { a: "by p" } },
			{ id: "q", files: { a: "by q" } },
		],
	})
	expect(await revert({ force: true })).toMatchObject({ outcome: "applied" })
	expect(bench.read("a")).toBe("customer's")
})

test("one step back after the other: each time what stood before is what stands then", async () => {
	const before = bench.tree()
	await bench.apply(module("1.0.0", "one"))
	await bench.apply(module("1.1.0", "two"))
	expect(await revert()).toMatchObject({ outcome: "applied" })
	expect(bench.read("a")).toBe("one")
	expect(await standing()).toMatchObject([
		{ version: "1.1.0", pools: [{ pool: "p", outcome: "applied", run: expect.any(String) }] },
	])
	const state = readFileSync(layout().state, "utf8")
	rmSync(layout().state)
	expect(await standing()).toEqual(modulesOf(state))
	expect(await revert()).toMatchObject({ outcome: "applied" })
	expect(bench.tree()).toEqual(before)
	expect(await standing()).toMatchObject([{ pools: [] }])
	expect(await revert()).toMatchObject({ state: "refused", failure: { code: "unknown-pool" } })
	// What was put back is not taken for applied.
	expect((await bench.apply(module("1.1.0", "two"))).outcomes.p).toBe("applied")
})

test("the customer's original can be had after a step back, too", async () => {
	await bench.apply(module("1.0.0", "one"))
	await bench.apply(module("1.1.0", "two"))
	await revert()
	expect(await revert({ original: true })).toMatchObject({ outcome: "applied" })
	expect(bench.read("a")).toBe("customer's")
})

test("the same once more, by its run: nothing is in the way, nothing is written", async () => {
	await bench.apply(module("1.0.0", "ours"), {}, { run: "applied" })
	await revert()
	const before = bench.tree()
	expect(await revert({ run: "applied" })).toMatchObject({ outcome: "applied" })
	expect(bench.tree()).toEqual(before)
})

test("an earlier run of the same pool: what it wrote later is no change by somebody else", async () => {
	await bench.apply(module("1.0.0", "one"), {}, { run: "first" })
	await bench.apply(module("1.1.0", "two"))
	expect(await revert({ run: "first" })).toMatchObject({ outcome: "applied" })
	expect(bench.read("a")).toBe("customer's")
})

test("a run whose backup is no longer kept is an unknown run", async () => {
	for (let minor = 0; minor < 12; minor++)
		await bench.apply(module(`1.${minor}.0`, `${minor}`), {}, { run: `r${minor}` })
	expect(readdirSync(layout().pool("p"))).not.toContain("r0")
	expect(await revert({ run: "r0" })).toMatchObject({ failure: { code: "unknown-run", data: { run: "r0" } } })
	expect(await revert({ original: true })).toMatchObject({ outcome: "applied" })
	expect(bench.read("a")).toBe("customer's")
})

test("a run in which the pool was put back is nothing to go back from", async () => {
	await bench.apply(module("1.0.0", "ours"))
	const fails = { pools: [{ id: "p", files: { a: "bad" }, closure: [`! grep -q bad ${bench.path("a")}`] }] }
	await bench.apply({ version: "1.1.0", ...fails }, {}, { run: "failed" })
	expect(wordsOf(await revert({ run: "failed" }))).toContain("pool p was put back in run failed already")
	expect(bench.read("a")).toBe("ours")
})

test("a module that is disabled or gone meanwhile does not matter: the backup knows the closure", async () => {
	const closure = [`echo closed >> ${bench.folder}/closed`]
	await bench.apply({ pools: [{ id: "p", files: { a: "ours" }, closure }] })
	await bench.apply({ version: "2.0.0", enabled: false, pools: [{ id: "q", files: { b: "x" } }] })
	rmSync(`${bench.folder}/sources`, { recursive: true })
	expect(await revert()).toMatchObject({ outcome: "applied" })
	expect([bench.read("a"), readFileSync(`${bench.folder}/closed`, "utf8")]).toEqual(["customer's", "closed\nclosed\n"])
})

test("two modules with a pool of the same name: which one is not guessed", async () => {
	bench.write("b", "customer's b")
	await bench.apply(module("1.0.0", "ours", { name: "one" }), {}, { run: "of-one" })
	await bench.apply({ name: "two", pools: [{ id: "p", files: { b: "ours" } }] }, {}, { run: "of-two" })
	const words = wordsOf(await revert())
	expect(words).toContain("one (run of-one)")
	expect(words).toContain("two (run of-two)")
	expect(await revert({ run: "of-one" })).toMatchObject({ outcome: "applied" })
	expect([bench.read("a"), bench.read("b")]).toEqual(["customer's", "ours"])
	expect((await standing()).map(({ name, pools }) => [name, pools.length])).toEqual([
		["one", 0],
		["two", 1],
	])
	expect(await revert()).toMatchObject({ outcome: "applied" })
	expect(bench.read("b")).toBe("customer's b")
})

test("a degraded pool goes back by the run that left it so", async () => {
	const fails = [`! grep -q bad ${bench.path("a")}`, `test ! -e ${bench.folder}/broken`]
	writeFileSync(`${bench.folder}/broken`, "")
	await bench.apply({ pools: [{ id: "p", files: { a: "bad" }, closure: fails }] }, {}, { run: "degraded" })
	bench.write("a", "bad", 0o640)
	expect(wordsOf(await revert())).toContain("pool p is degraded, not applied: name the run (degraded)")
	rmSync(`${bench.folder}/broken`)
	expect(await revert({ run: "degraded" })).toMatchObject({ outcome: "applied" })
	expect(bench.read("a")).toBe("customer's")
	expect(await standing()).toMatchObject([{ pools: [] }])
})

test.each([
	["damaged", (path: string) => writeFileSync(path, "{")],
	["missing", (path: string) => rmSync(path)],
])("a customer's original whose record is %s: the pool fails, nothing is touched", async (what, spoil) => {
	await bench.apply(module("1.0.0", "one"))
	const [name = ""] = readdirSync(layout().originals)
	spoil(`${layout().originals}/${name}`)
	const result = await revert({ original: true })
	expect(result).toMatchObject({ state: "finished", outcome: "failed" })
	expect(bench.read("a")).toBe("one")
	const log = readFileSync(bench.options.logFile ?? "", "utf8")
	expect(log).toContain(`the customer's original of ${bench.path("a")} is ${what}`)
})

test("the original takes the folders with it that any version of the pool had made", async () => {
	const before = bench.tree()
	for (const version of ["1.0.0", "1.1.0"])
		await bench.apply({ version, pools: [{ id: "p", files: { a: version, "made/deep/n": version } }] })
	expect(await revert({ original: true })).toMatchObject({ outcome: "applied" })
	expect(bench.tree()).toEqual(before)
})

test("what was put back is the customer's again: going back to an older version leaves it alone", async () => {
	bench.write("b", "customer's b")
	await bench.apply(module("1.0.0", "one"))
	await bench.apply({
		version: "1.1.0",
		pools: [
			{ id: "p", files: { a: "two" } },
			{ id: "q", files: { b: "ours" } },
		],
	})
	await revert({ pool: "q" })
	bench.write("b", "edited by the customer")
	const { outcomes } = await bench.apply(module("1.0.0", "one"), { allowDowngrade: true })
	expect(outcomes).toEqual({ p: "applied" })
	expect(bench.read("b")).toBe("edited by the customer")
})

test("a backup whose content is damaged is refused: nothing is touched, the pool stands", async () => {
	await bench.apply(module("1.0.0", "ours"))
	for (const name of readdirSync(layout().blobs)) writeFileSync(layout().blob(name), "rot")
	await expectNothingDone()
})

test("the same of damaged attributes", async ({ skip }) => {
	if (await bench.host.attributes.missing()) return skip("cp or tar cannot keep ACLs here")
	try {
		execFileSync("setfacl", ["-m", "u:65534:r", bench.path("a")], { stdio: "ignore" })
	} catch {
		return skip("no setfacl, or a file system without ACLs")
	}
	await bench.apply(module("1.0.0", "ours"), {}, { run: "applied" })
	execFileSync("setfacl", ["-b", `${layout().backup("p", "applied")}/0.attributes`])
	await expectNothingDone()
})

async function expectNothingDone(): Promise<void> {
	expect(await revert()).toMatchObject({ state: "finished", outcome: "failed" })
	expect(bench.read("a")).toBe("ours")
	expect(await standing()).toMatchObject([{ pools: [{ pool: "p", outcome: "applied" }] }])
}

test("a clock that was set back between two runs: step by step back all the same, also from the journals", async () => {
	const { clock } = bench.host
	const setClock = (time: string) => {
		bench.host = { ...bench.host, clock: { ...clock, now: () => Date.parse(time) } }
	}
	setClock("2026-01-01T00:00:00Z")
	await bench.apply(module("1.0.0", "ours"))
	// An appliance without a clock of its own, before it has asked anybody.
	setClock("1970-01-01T00:01:00Z")
	await bench.apply(module("1.0.1", "newer"))
	rmSync(layout().state)
	expect(await standing()).toMatchObject([{ version: "1.0.1", pools: [{ pool: "p", outcome: "applied" }] }])
	expect([await revert(), bench.read("a")]).toMatchObject([{ outcome: "applied" }, "ours"])
	rmSync(layout().state)
	expect([await revert(), bench.read("a")]).toMatchObject([{ outcome: "applied" }, "customer's"])
})

test("a folder that only a failed run had made, and its owner made since, stays", async () => {
	await bench.apply(module("1.0.0", "ours"))
	const fails = { a: "bad", "made/n": "bad" }
	const closure = [`! grep -q bad ${bench.path("a")}`]
	const failed = await bench.apply({ version: "1.1.0", pools: [{ id: "p", files: fails, closure }] })
	expect(failed.outcomes.p).toBe("failed")
	mkdirSync(bench.path("made"))
	expect(await revert({ original: true })).toMatchObject({ outcome: "applied" })
	expect(Object.keys(bench.tree())).toEqual(["a", "made"])
})

test("a rehearsal that could not be put back goes back by its run, too", async () => {
	const closure = [`test ! -e ${bench.folder}/broken`]
	writeFileSync(`${bench.folder}/broken`, "")
	const pools = [{ id: "p", files: { a: "tried" }, closure }]
	const { outcomes } = await bench.apply({ pools }, { kind: "rehearse", force: true }, { run: "rehearsed" })
	expect(outcomes.p).toBe("degraded")
	bench.write("a", "tried", 0o640)
	rmSync(`${bench.folder}/broken`)
	expect(await revert({ run: "rehearsed" })).toMatchObject({ outcome: "applied" })
	expect(bench.read("a")).toBe("customer's")
	expect(await standing()).toMatchObject([{ pools: [] }])
})
