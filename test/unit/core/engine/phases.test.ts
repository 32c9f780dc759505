import { mkdirSync, rmSync } from "node:fs"
import { afterEach, expect, test } from "vitest"
import type { Host } from "../../../../core/engine/host.ts"
import { createNodeHost } from "../../../../core/engine/node-host/node-host.ts"
import { createWorkbench, plainPath, type TestModule, type TestPool, type Workbench } from "./workbench.ts"

/**
 * What goes wrong in a row: `POOL:FAULT`, blank between several. Every pool replaces its own file, which says "old", by
 * one that says "new", and makes another in a new folder.
 */
const rows: { given: string; story: string[]; outcome: string }[] = [
	{
		given: "",
		story: [
			"p1: preflight backup apply closure = applied",
			"p2: preflight backup apply closure = applied",
			"final closure: passed",
		],
		outcome: "applied",
	},
	{
		given: "p1:checks-pass",
		story: [
			"p1: preflight baseline backup apply closure checks = applied",
			"p2: preflight backup apply closure = applied",
			"final closure: passed",
		],
		outcome: "applied",
	},
	{
		given: "p1:folder-at-destination",
		story: ["p1: preflight! = failed", "p2: preflight backup apply closure = applied", "final closure: not-run"],
		outcome: "failed",
	},
	{
		given: "p1:source-changed",
		story: ["p1: preflight! = failed", "p2: preflight backup apply closure = applied", "final closure: not-run"],
		outcome: "failed",
	},
	{
		given: "p1:broken-before",
		story: [
			"p1: preflight baseline! = failed",
			"p2: preflight backup apply closure = applied",
			"final closure: not-run",
		],
		outcome: "failed",
	},
	{
		given: "p1:backup-fails",
		story: ["p1: preflight backup! = failed", "p2: preflight backup apply closure = applied", "final closure: not-run"],
		outcome: "failed",
	},
	{
		given: "p1:apply-fails",
		story: [
			"p1: preflight backup apply! restore reclosure = failed",
			"p2: preflight backup apply closure = applied",
			"final closure: not-run",
		],
		outcome: "failed",
	},
	{
		given: "p1:closure-fails",
		story: [
			"p1: preflight backup apply closure! restore reclosure = failed",
			"p2: preflight backup apply closure = applied",
			"final closure: not-run",
		],
		outcome: "failed",
	},
	{
		given: "p2:closure-fails",
		story: [
			"p1: preflight backup apply closure = applied",
			"p2: preflight backup apply closure! restore reclosure = failed",
			"final closure: not-run",
		],
		outcome: "failed",
	},
	{
		given: "p1:checks-fail-after",
		story: [
			"p1: preflight baseline backup apply closure checks! restore reclosure = failed",
			"p2: preflight backup apply closure = applied",
			"final closure: not-run",
		],
		outcome: "failed",
	},
	{
		given: "p1:not-confirmed",
		story: [
			"p1: preflight backup apply closure confirm! restore reclosure = failed",
			"p2: preflight backup apply closure = applied",
			"final closure: not-run",
		],
		outcome: "failed",
	},
	{
		given: "p1:reclosure-fails",
		story: [
			"p1: preflight backup apply closure! restore reclosure! = degraded",
			"p2: preflight backup apply closure = applied",
			"final closure: not-run",
		],
		outcome: "degraded",
	},
	{
		given: "p1:backup-lost p2:closure-fails",
		story: [
			"p1: preflight backup apply closure! restore! reclosure! = degraded",
			"p2: preflight backup apply closure! restore reclosure = failed",
			"final closure: not-run",
		],
		outcome: "degraded",
	},
	{
		given: "p1:disabled",
		story: ["p1: = skipped", "p2: preflight backup apply closure = applied", "final closure: passed"],
		outcome: "applied",
	},
	{
		given: "final:fails",
		story: [
			"p1: preflight backup apply closure = applied",
			"p2: preflight backup apply closure = applied",
			"final closure: failed",
		],
		outcome: "applied",
	},
]

let bench: Workbench
afterEach(() => bench.remove())

test.each(rows)('"$given" → $outcome', async ({ given, story, outcome }) => {
	bench = createWorkbench()
	const faults = given.split(" ").filter(Boolean)
	const module = prepare(faults)
	const before = bench.tree()
	const applied = await bench.apply(module)
	expect(applied.story).toEqual(story)
	expect(applied.result).toMatchObject({ state: "finished", outcome })
	expect(seqs(applied.events.map(({ seq }) => seq))).toBe(true)
	for (const pool of module.pools) {
		const end = applied.outcomes[pool.id]
		if (end === "applied") expect(bench.read(`${pool.id}.txt`)).toBe("new")
		// Failed: bytes, mode, owner, times, existence and made folders are those of before (DESIGN invariant 1).
		if (end === "failed" || end === "skipped") expect(below(bench.tree(), pool.id)).toEqual(below(before, pool.id))
	}
})

function prepare(faults: string[]): TestModule {
	const has = (pool: string, fault: string) => faults.includes(`${pool}:${fault}`)
	const pools = ["p1", "p2"].map((id): TestPool => {
		bench.write(`${id}.txt`, "old", 0o640)
		const isOld = `! grep -q new ${bench.path(`${id}.txt`)}`
		if (has(id, "folder-at-destination")) {
			rmSync(bench.path(`${id}.txt`))
			mkdirSync(bench.path(`${id}.txt`))
		}
		if (has(id, "backup-fails")) bench.host = failing("clone", bench.path(`${id}.txt`))
		if (has(id, "apply-fails")) bench.host = failing("rename", bench.path(`${id}.txt`))
		return {
			id,
			files: { [`${id}.txt`]: "new", [`${id}/made/deep.txt`]: "new" },
			closure: [
				...(has(id, "closure-fails") ? [isOld] : []),
				...(has(id, "reclosure-fails") ? ["false"] : []),
				...(has(id, "backup-lost") ? [`rm -f ${bench.options.stateFolder}/backups/blobs/*`, isOld] : []),
				"true",
			],
			...(has(id, "checks-pass") ? { checks: ["true"] } : {}),
			...(has(id, "broken-before") ? { checks: ["false"] } : {}),
			...(has(id, "checks-fail-after") ? { checks: [isOld] } : {}),
			...(has(id, "not-confirmed") ? { confirmSeconds: 1 } : {}),
			enabled: !has(id, "disabled"),
		}
	})
	const module = { pools, finalClosure: [has("final", "fails") ? "false" : "true"] }
	if (!has("p1", "source-changed")) return module
	const original = bench.module
	bench.module = (wanted) => {
		const onHost = original(wanted)
		bench.write("../elsewhere", "not what was published")
		return { ...onHost, pathOf: (target) => (target === "p1-0" ? `${bench.folder}/elsewhere` : onHost.pathOf(target)) }
	}
	return module
}

/** A disk that refuses one call, once. */
function failing(call: "clone" | "rename", path: string): Host {
	const host = createNodeHost()
	let isDone = false
	const refuse = (touched: string) => {
		if (isDone || plainPath(touched) !== path) return
		isDone = true
		throw Object.assign(new Error("EIO"), { code: "EIO" })
	}
	const disk = {
		...host.disk,
		clone: async (from: string, to: string) => {
			if (call === "clone") refuse(from)
			await host.disk.clone(from, to)
		},
		rename: async (from: string, to: string) => {
			if (call === "rename") refuse(to)
			await host.disk.rename(from, to)
		},
	}
	return { ...host, disk }
}

function below(tree: Record<string, string>, pool: string): Record<string, string> {
	return Object.fromEntries(Object.entries(tree).filter(([path]) => path.startsWith(pool)))
}

function seqs(numbers: number[]): boolean {
	return numbers.every((seq, index) => seq === index + 1)
}
