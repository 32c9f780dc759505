import { chmodSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { afterEach, beforeEach, expect, test } from "vitest"
import type { EngineRunRequest } from "../../../../core/engine/engine.ts"
import { makeLayout } from "../../../../core/engine/layout.ts"
import { planModule } from "../../../../core/engine/plan.ts"
import { revertPool } from "../../../../core/engine/revert.ts"
import type { EngineState } from "../../../../core/engine/state/state.ts"
import { readStatus } from "../../../../core/engine/status.ts"
import { createWorkbench, type TestModule, type Workbench } from "./workbench.ts"

let bench: Workbench
/** What the appliance's owner had. */
let before: Record<string, string>
beforeEach(async () => {
	bench = createWorkbench()
	bench.write("a", "customer's a")
	bench.write("b", "customer's b", 0o640)
	before = bench.tree()
})
afterEach(() => bench.remove())

const old: TestModule = { version: "1.0.0", pools: [{ id: "p", files: { a: "1" } }] }
/** `b` was the customer's, `made/c` was not there; both in a pool that stays, or in one that only this version has. */
const newer = (pool: "p" | "q"): TestModule => ({
	version: "1.1.0",
	pools:
		pool === "p"
			? [{ id: "p", files: { a: "2", b: "2", "made/c": "2" } }]
			: [
					{ id: "p", files: { a: "2" } },
					{ id: "q", files: { b: "2", "made/c": "2" } },
				],
})
const goBack = (request: Partial<EngineRunRequest> = {}) => bench.apply(old, { allowDowngrade: true, ...request })
const warnings = (events: { type: string }[]) =>
	events.flatMap((event) => ("message" in event && event.type === "warning" ? [String(event.message)] : []))
const files = async () => {
	const state = JSON.parse(readFileSync(makeLayout(bench.options.stateFolder).state, "utf8")) as EngineState
	return Object.keys(state.files)
}
const pools = async () => (await readStatus(bench.host, bench.options)).modules[0]?.pools.map(({ pool }) => pool)

test.each(["p", "q"] as const)(
	"what only the newer version had, in pool %s, is as it was before us, made folders too",
	async (pool) => {
		await bench.apply(old)
		await bench.apply(newer(pool))
		const { events } = await goBack()
		expect(bench.read("a")).toBe("1")
		expect({ ...bench.tree(), a: "" }).toEqual({ ...before, a: "" })
		expect([await files(), await pools(), warnings(events)]).toEqual([[bench.path("a")], ["p"], []])
	},
)

/** What the owner does to a file that only the newer version had; it stays so. */
const changes: [string, string, () => void][] = [
	["writes", "b", () => bench.write("b", "edited", 0o640)],
	["writes", "made/c", () => bench.write("made/c", "edited")],
	["removes", "b", () => rmSync(bench.path("b"))],
	["removes", "made/c", () => rmSync(bench.path("made/c"))],
	["changes the mode of", "b", () => chmodSync(bench.path("b"), 0o600)],
	[
		"puts a link in the place of",
		"b",
		() => {
			rmSync(bench.path("b"))
			symlinkSync("a", bench.path("b"))
		},
	],
]

test.each(["p", "q"] as const)("pool %s: what its owner changed since stays theirs, and that is said", async (pool) => {
	for (const [what, name, change] of changes) {
		bench.remove()
		bench = createWorkbench()
		bench.write("a", "customer's a")
		bench.write("b", "customer's b", 0o640)
		await bench.apply(old)
		await bench.apply(newer(pool))
		change()
		const changed = bench.tree()[name]
		const { events, outcomes } = await goBack()
		const told = `the owner ${what} ${name}`
		expect(outcomes[pool], told).toBe("applied")
		expect(bench.tree()[name], told).toBe(changed)
		expect(warnings(events), told).toHaveLength(1)
		expect(warnings(events)[0], told).toContain(name)
		expect(warnings(events)[0], told).toContain("it stays as it is")
		// The other one is back, and nothing is ours any more: the next run says nothing.
		if (name === "b") expect(bench.tree()["made/c"], told).toBeUndefined()
		else expect(bench.read("b"), told).toBe("customer's b")
		expect(await files(), told).toEqual([bench.path("a")])
		expect(warnings((await goBack({ force: false })).events), told).toEqual([])
	}
})

test("the plan says it, too", async () => {
	await bench.apply(old)
	await bench.apply(newer("q"))
	bench.write("b", "edited", 0o640)
	const request = { kind: "apply", force: false, allowDowngrade: true, modify: false } as const
	const plan = await planModule(bench.host, bench.options, bench.module(old), request)
	expect(plan.pools.find(({ pool }) => pool === "q")?.warnings).toEqual([
		expect.stringContaining("b has other content since it was applied: it stays as it is"),
	])
})

test("with --force the original comes back over what its owner changed", async () => {
	await bench.apply(old)
	await bench.apply(newer("q"))
	bench.write("b", "edited", 0o600)
	const { events } = await goBack({ force: true })
	expect({ ...bench.tree(), a: "" }).toEqual({ ...before, a: "" })
	expect(warnings(events)).toEqual([])
})

test("a pool that only the newer version had is closed and forgotten, also when the older one writes its files", async () => {
	const closure = [`echo closed >> ${bench.folder}/closed`]
	await bench.apply(old)
	await bench.apply({ version: "1.1.0", pools: [{ id: "q", files: { a: "2" }, closure }] })
	expect(await pools()).toEqual(["p", "q"])
	const { outcomes } = await goBack()
	expect([outcomes, bench.read("a"), await pools()]).toEqual([{ p: "applied", q: "applied" }, "1", ["p"]])
	// As it was applied, and as it went: nobody else knows what must be started anew.
	expect(readFileSync(`${bench.folder}/closed`, "utf8")).toBe("closed\nclosed\n")
})

test("a file that a version in between no longer had returns, too, when its backup is long gone", async () => {
	await bench.apply(old)
	await bench.apply(
		{ version: "1.1.0", pools: [{ id: "p", files: { a: "2", b: "2", "made/c": "2" } }] },
		{},
		{ run: "with-b" },
	)
	for (let patch = 1; patch <= 11; patch++)
		await bench.apply({ version: `1.1.${patch}`, pools: [{ id: "p", files: { a: `${patch}` } }] })
	expect(readdirSync(makeLayout(bench.options.stateFolder).pool("p"))).not.toContain("with-b")
	const { outcomes } = await goBack()
	expect(outcomes.p).toBe("applied")
	expect({ ...bench.tree(), a: "" }).toEqual({ ...before, a: "" })
})

test("an original that is damaged: the pool fails, nothing is touched, the others go on", async () => {
	await bench.apply(old)
	await bench.apply(newer("q"))
	const { blobs, originals } = makeLayout(bench.options.stateFolder)
	for (const name of readdirSync(originals)) {
		const { path, snapshot } = JSON.parse(readFileSync(`${originals}/${name}`, "utf8"))
		if (path === bench.path("b")) writeFileSync(`${blobs}/${snapshot.digest}`, "rot")
	}
	const { outcomes, reasons } = await goBack()
	expect(outcomes).toEqual({ p: "applied", q: "failed" })
	expect(reasons.q).toMatchObject({ phase: "preflight", message: expect.stringContaining("does not have the digest") })
	expect([bench.read("b"), bench.read("made/c")]).toEqual(["2", "2"])
})

test("what another module wrote later is not touched by this one's going back", async () => {
	await bench.apply(old)
	await bench.apply(newer("q"))
	await bench.apply({ name: "other", pools: [{ id: "x", files: { b: "other's" } }] })
	await goBack()
	expect(bench.read("b")).toBe("other's")
	await revertPool(bench.host, bench.options, { pool: "x", original: false, force: false }, { run: "back" })
	expect(bench.read("b")).toBe("2")
})

test("a destination that both versions have is not returned by another pool, wherever it leads by now", async () => {
	const both = { version: "1.0.0", pools: [...old.pools, { id: "q", files: { b: "1" } }] }
	await bench.apply({ version: "1.1.0", pools: [{ id: "p", files: { a: "2", b: "2" } }] })
	rmSync(bench.path("b"))
	symlinkSync(".", bench.path("b"))
	const { outcomes } = await bench.apply(both, { allowDowngrade: true, force: true })
	expect(outcomes).toEqual({ p: "applied", q: "failed" })
})
