import { cpSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { readOriginal } from "../../../../core/engine/backup/originals.ts"
import { readHistory } from "../../../../core/engine/history.ts"
import { makeLayout } from "../../../../core/engine/layout.ts"
import { revertPool } from "../../../../core/engine/revert.ts"
import { readStatus } from "../../../../core/engine/status.ts"
import { createWorkbench, type TestModule, type Workbench } from "./workbench.ts"

let bench: Workbench
beforeEach(() => {
	bench = createWorkbench()
	bench.write("a", "customer's")
})
afterEach(() => bench.remove())

const content = (text: string, closure = ["true"]): TestModule => ({
	pools: [{ id: "p", files: { a: text }, closure }],
})

/** `VERSION CONTENT [OPTION]` one after the other, and what comes of the last. */
const rows: [string[], string][] = [
	[["1.0.0 x"], "applied"],
	[["1.0.0 x", "1.0.0 x"], "unchanged"],
	[["1.0.0 x", "1.0.0 x force"], "applied"],
	[["1.0.0 x", "1.0.0 y"], "refused-same-version"],
	[["1.0.0 x", "1.1.0 y"], "applied"],
	[["1.9.0 x", "1.10.0 y"], "applied"],
	[["1.1.0 x", "1.0.0 y"], "refused-downgrade"],
	[["1.1.0 x", "1.0.0 y downgrade"], "applied"],
	[["1.0.0 fails", "1.0.0 fails"], "failed"],
	[["1.0.0 x", "1.0.0 x disabled"], "module-disabled"],
	[["1.0.0 x unknown-pool"], "unknown-pool"],
	[["1.0.0 x no-pool"], "skipped"],
]

test.each(rows)("%j → %s", async (runs, expected) => {
	let last = ""
	for (const run of runs) {
		const [version, text = "", option] = run.split(" ")
		const module = content(text, text === "fails" ? [`! grep -q fails ${bench.path("a")}`] : ["true"])
		const { result } = await bench.apply(
			{ ...module, version, enabled: option !== "disabled" },
			{
				force: option === "force",
				allowDowngrade: option === "downgrade",
				...(option === "unknown-pool" ? { pools: ["q"] } : option === "no-pool" ? { pools: [] } : {}),
			},
		)
		last = result.state === "finished" ? result.outcome : result.state === "refused" ? result.failure.code : "busy"
	}
	expect(last).toBe(expected)
})

test("a second and a third run do not overwrite the customer's original", async () => {
	for (const version of ["1.0.0", "1.0.1", "1.0.2"]) await bench.apply({ ...content(version), version })
	const original = await readOriginal(bench.host, makeLayout(bench.options.stateFolder), bench.path("a"))
	expect(original?.snapshot).toMatchObject({ kind: "file", size: "customer's".length })
	const context = { run: "back" }
	const result = await revertPool(bench.host, bench.options, { pool: "p", original: true, force: false }, context)
	expect(result).toMatchObject({ state: "finished", outcome: "applied" })
	expect(bench.read("a")).toBe("customer's")
})

test("revert puts back what stood before, with mode, times and without what was made; then it applies again", async () => {
	const before = bench.tree()
	const module = { pools: [{ id: "p", files: { a: "new", "made/deep/n": "new" } }] }
	await bench.apply(module)
	const result = await revertPool(
		bench.host,
		bench.options,
		{ pool: "p", original: false, force: false },
		{ run: "back" },
	)
	expect(result).toMatchObject({ state: "finished", outcome: "applied" })
	expect(bench.tree()).toEqual(before)
	expect((await bench.apply(module)).outcomes.p).toBe("applied")
})

test("revert refuses what somebody changed since, file by file, unless forced", async () => {
	await bench.apply({ pools: [{ id: "p", files: { a: "new", b: "new" } }] })
	bench.write("b", "edited since")
	const request = { pool: "p", original: false, force: false }
	const refused = await revertPool(bench.host, bench.options, request, { run: "back-1" })
	expect(refused).toMatchObject({ failure: { code: "destination-changed", data: { paths: [bench.path("b")] } } })
	expect(bench.read("a")).toBe("new")
	const forced = await revertPool(bench.host, bench.options, { ...request, force: true }, { run: "back-2" })
	expect(forced).toMatchObject({ outcome: "applied" })
	expect(Object.keys(bench.tree())).toEqual(["a"])
})

test.each([
	["pool", { pool: "../../../elsewhere", run: "x" }, "unknown-pool"],
	["run", { pool: "p", run: "../../../../elsewhere/x" }, "unknown-run"],
])("a revert never leaves the backups by the name of a %s", async (_, names, code) => {
	await bench.apply(content("new"))
	const layout = makeLayout(bench.options.stateFolder)
	const [run = ""] = readdirSync(layout.pool("p"))
	cpSync(layout.backup("p", run), join(bench.folder, "elsewhere/x"), { recursive: true })
	const request = { ...names, original: false, force: true }
	const result = await revertPool(bench.host, bench.options, request, { run: "back" })
	expect(result).toMatchObject({ state: "refused", failure: { code } })
	expect(bench.read("a")).toBe("new")
	expect(readdirSync(layout.runs)).toEqual([run])
})

test("a revert whose closure fails is itself put back", async () => {
	await bench.apply(content("new", [`grep -q new ${bench.path("a")}`]))
	const result = await revertPool(
		bench.host,
		bench.options,
		{ pool: "p", original: false, force: false },
		{ run: "back" },
	)
	expect(result).toMatchObject({ outcome: "failed" })
	expect(bench.read("a")).toBe("new")
	const status = await readStatus(bench.host, bench.options)
	expect(status.modules[0]?.pools).toMatchObject([{ pool: "p", outcome: "applied" }])
})

test("going back returns what only the newer version had to the customer's original", async () => {
	bench.write("b", "customer's b", 0o640)
	const before = bench.tree()
	const old = { pools: [{ id: "p", files: { a: "1" } }] }
	const newer: TestModule = {
		version: "1.1.0",
		pools: [
			{ id: "p", files: { a: "2", b: "2", "made/c": "2" } },
			{ id: "q", files: { "made/d": "2" } },
		],
	}
	await bench.apply(old)
	await bench.apply(newer)
	const { story } = await bench.apply(old, { allowDowngrade: true })
	expect(story).toEqual([
		"p: preflight backup apply closure = applied",
		"q: preflight backup apply closure = applied",
		"final closure: not-run",
	])
	expect(bench.read("a")).toBe("1")
	expect({ ...bench.tree(), a: "" }).toEqual({ ...before, a: "" })
	const status = await readStatus(bench.host, bench.options)
	expect(status.modules).toMatchObject([{ version: "1.0.0", pools: [{ pool: "p", outcome: "applied" }] }])
	expect((await bench.apply(newer)).outcomes).toEqual({ p: "applied", q: "applied" })
})

test("a pool that cannot go back stands as it was, and is tried again the next time", async () => {
	const old = { pools: [{ id: "p", files: { a: "1" } }] }
	const sound = `test ! -e ${bench.path("strict")} || test -e ${bench.path("q")}`
	await bench.apply(old)
	await bench.apply({ version: "1.1.0", pools: [...old.pools, { id: "q", files: { q: "2" }, closure: [sound] }] })
	bench.write("strict", "")
	const failed = await bench.apply(old, { allowDowngrade: true })
	expect([failed.outcomes, bench.read("q")]).toEqual([{ p: "applied", q: "failed" }, "2"])
	rmSync(bench.path("strict"))
	const again = await bench.apply(old)
	expect(again.outcomes).toEqual({ p: "unchanged", q: "applied" })
	expect(Object.keys(bench.tree())).toEqual(["a"])
})

test("selected pools: the final closure runs only when all enabled ones stand applied", async () => {
	const module: TestModule = {
		pools: [
			{ id: "p1", files: { a: "1" } },
			{ id: "p2", files: { b: "2" } },
			{ id: "off", files: { c: "3" }, enabled: false },
		],
		finalClosure: ["true"],
	}
	const first = await bench.apply(module, { pools: ["p1"] })
	expect(first.story).toEqual([
		"p1: preflight backup apply closure = applied",
		"p2: = skipped",
		"off: = skipped",
		"final closure: not-run",
	])
	const second = await bench.apply(module, { pools: ["p2"] })
	expect(second.story.at(-1)).toBe("final closure: passed")
})

test("ten backups of a pool are kept, the one the next revert needs, and the original", async () => {
	await bench.apply({ ...content("applied"), version: "1.0.0" })
	for (let patch = 1; patch <= 12; patch++) {
		await bench.apply({ ...content(`fails ${patch}`, [`! grep -q fails ${bench.path("a")}`]), version: `1.0.${patch}` })
	}
	const layout = makeLayout(bench.options.stateFolder)
	const kept = readdirSync(layout.pool("p"))
	expect(kept).toHaveLength(11)
	const result = await revertPool(
		bench.host,
		bench.options,
		{ pool: "p", original: false, force: false },
		{ run: "back" },
	)
	expect(result).toMatchObject({ outcome: "applied" })
	expect(bench.read("a")).toBe("customer's")
	const original = await readOriginal(bench.host, layout, bench.path("a"))
	expect(original?.snapshot.kind === "file" && readdirSync(layout.blobs)).toContain(
		original?.snapshot.kind === "file" ? original.snapshot.digest : "",
	)
})

test("the lower version is installed also where only a pool that it lacks was left to go back", async () => {
	const off: TestModule = { pools: [{ id: "p", files: { a: "1" }, enabled: false }] }
	await bench.apply({ version: "1.1.0", pools: [...off.pools, { id: "q", files: { b: "2" } }] })
	expect((await bench.apply(off, { allowDowngrade: true })).outcomes).toEqual({ p: "skipped", q: "applied" })
	expect((await readStatus(bench.host, bench.options)).modules).toMatchObject([{ version: "1.0.0", pools: [] }])
})

test("nothing of the state folder can be read by others", async () => {
	bench.write("secret", "password", 0o644)
	await bench.apply({ pools: [{ id: "p", files: { secret: "new" } }] })
	const loose: string[] = []
	const walk = (folder: string) => {
		for (const name of readdirSync(folder)) {
			const path = join(folder, name)
			const stat = statSync(path)
			if (stat.mode & 0o077) loose.push(path)
			if (stat.isDirectory()) walk(path)
		}
	}
	walk(bench.options.stateFolder)
	expect(loose).toEqual([])
	expect(statSync(bench.options.stateFolder).mode & 0o777).toBe(0o700)
})

test("a damaged state file is kept aside, said, and made again from the journals", async () => {
	await bench.apply(content("new"))
	const layout = makeLayout(bench.options.stateFolder)
	writeFileSync(layout.state, '{"format":1,"mod')
	expect((await readStatus(bench.host, bench.options)).modules).toMatchObject([{ pools: [{ outcome: "applied" }] }])
	const { outcomes, events } = await bench.apply(content("new"))
	expect(outcomes.p).toBe("unchanged")
	expect(events.find(({ type }) => type === "warning")).toMatchObject({ message: expect.stringContaining("damaged") })
	expect(readdirSync(bench.options.stateFolder).filter((name) => name.startsWith("state.json.damaged-"))).toHaveLength(
		1,
	)
})

test("history tells each run: who, versions, phases, files with digests, commands", async () => {
	await bench.apply(content("new"), { by: "an engineer" })
	await bench.apply({ ...content("fails", ["exit 3"]), version: "1.0.1" })
	const runs = await readHistory(bench.host, bench.options, { pool: "p" })
	expect(runs.map(({ module, outcome }) => [module.version, outcome])).toEqual([
		["1.0.1", "degraded"],
		["1.0.0", "applied"],
	])
	expect(runs[1]).toMatchObject({ by: "an engineer", state: "finished" })
	const [failed, applied] = runs.map(({ pools }) => pools[0])
	expect(applied?.files[0]?.after).not.toBe(applied?.files[0]?.before)
	expect(failed?.files[0]?.after).toBe(failed?.files[0]?.before)
	expect(failed?.commands.map(({ phase, exit }) => [phase, exit])).toEqual([
		["closure", 3],
		["reclosure", 3],
	])
})
