import { linkSync, readdirSync } from "node:fs"
import { afterEach, beforeEach, expect, test } from "vitest"
import type { Hash, Host } from "../../../../core/engine/host.ts"
import { createMemoryBench } from "./memory-bench.ts"
import { createWorkbench, type Workbench } from "./workbench.ts"

let bench: Workbench
beforeEach(() => {
	bench = createWorkbench()
	bench.host = later(bench.host)
})
afterEach(() => bench.remove())

/** To this host nothing was changed so lately that its times could not tell. */
function later(host: Host): Host {
	return { ...host, clock: { ...host.clock, now: () => Date.now() + 10_000 } }
}

const content = "the published content ".repeat(1000)

test("a content that was found right and not touched since is not hashed again", async () => {
	let hashed = 0
	const { host } = bench
	const createHash = (): Hash => {
		const hash = host.createHash()
		return {
			...hash,
			update: (bytes) => {
				if (bytes.length === content.length) hashed++
				hash.update(bytes)
			},
		}
	}
	bench.host = { ...host, createHash }
	const { outcomes } = await bench.apply({ pools: [{ id: "p", files: { file: content } }] })
	expect([outcomes.p, bench.read("file"), hashed]).toEqual(["applied", content, 1])
})

test.each([
	["replaced", "cp $source $source.new && printf other > $source.new && mv $source.new $source"],
	["written to", "printf other > $source"],
	["made longer", "printf more >> $source"],
])("a content that is %s after preflight is not put in place (invariant 8)", async (_, change) => {
	for (const name of ["file", "linked"]) bench.write(name, "old")
	linkSync(bench.path("linked"), bench.path("second name"))
	const before = bench.tree()
	const check = `for source in ${bench.folder}/sources/*; do ${change}; done`
	const { outcomes, reasons } = await bench.apply({
		pools: [{ id: "p", files: { file: content, linked: `${content}2` }, checks: [check] }],
	})
	expect(readdirSync(`${bench.folder}/sources`).length).toBeGreaterThan(0)
	expect([outcomes.p, reasons.p?.phase]).toEqual(["failed", "apply"])
	expect(reasons.p?.message).toContain("does not have the digest it should have")
	expect(bench.tree()).toEqual(before)
})

test.each([1, 1e12])("a content of another size than its manifest says, %d, is refused in preflight", async (size) => {
	const memory = await createMemoryBench({})
	for (const isSeen of [false, true]) {
		const module = await memory.module({ pools: [{ id: "p", files: { file: "new" } }] })
		const [source] = module.manifest.sources
		if (!source) throw new Error("the module has no source")
		const stat = await memory.disk.lstat(module.pathOf(source.target))
		const wrong = { ...module, manifest: { ...module.manifest, sources: [{ ...source, size }] } }
		const { outcomes, reasons } = await memory.apply(isSeen && stat ? { ...wrong, seenAs: () => stat } : wrong)
		expect([outcomes.p, reasons.p?.phase]).toEqual(["failed", "preflight"])
		expect(reasons.p?.message).toContain("does not have the size it should have")
	}
})
