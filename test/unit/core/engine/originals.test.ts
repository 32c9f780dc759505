import { readdirSync, readFileSync, rmSync } from "node:fs"
import { afterEach, beforeEach, expect, test } from "vitest"
import { readOriginal } from "../../../../core/engine/backup/originals.ts"
import { makeLayout } from "../../../../core/engine/layout.ts"
import { createNodeHost } from "../../../../core/engine/node-host/node-host.ts"
import { revertPool } from "../../../../core/engine/revert.ts"
import { createWorkbench, plainPath, type TestModule, type Workbench } from "./workbench.ts"

let bench: Workbench
/** Whether the destination can be replaced once more; the second time is the restore. */
let left = Number.POSITIVE_INFINITY
beforeEach(() => {
	left = Number.POSITIVE_INFINITY
	const host = createNodeHost()
	const rename = async (from: string, to: string) => {
		if (plainPath(to) === bench.path("a") && left-- <= 0) throw Object.assign(new Error("EPERM"), { code: "EPERM" })
		await host.disk.rename(from, to)
	}
	bench = createWorkbench({ ...host, disk: { ...host.disk, rename } })
	bench.write("a", "customer's")
})
afterEach(() => bench.remove())

const module = (version: string, text: string, closure = "true"): TestModule => ({
	version,
	pools: [{ id: "p", files: { a: text }, closure: [closure] }],
})
const layout = () => makeLayout(bench.options.stateFolder)

/** Our file stands there, the closure failed, and nothing can be put back. */
async function degrade(kind: "apply" | "rehearse" = "apply"): Promise<void> {
	left = 1
	const { outcomes } = await bench.apply(
		module("1.0.0", "ours", `! grep -q ours ${bench.path("a")}`),
		{ kind },
		{ run: "degraded" },
	)
	left = Number.POSITIVE_INFINITY
	expect([outcomes.p, bench.read("a")]).toEqual(["degraded", "ours"])
}

async function originalText(): Promise<string> {
	const original = await readOriginal(bench.host, layout(), bench.path("a"))
	if (original?.snapshot.kind !== "file") return ""
	return readFileSync(layout().blob(original.snapshot.digest), "utf8")
}

test.each(["apply", "rehearse"] as const)("what a degraded %s replaced is the customer's original", async (kind) => {
	await degrade(kind)
	expect(await originalText()).toBe("customer's")
	await bench.apply(module("1.1.0", "ours again"))
	expect(await originalText()).toBe("customer's")
	const request = { pool: "p", original: true, force: false }
	expect(await revertPool(bench.host, bench.options, request, { run: "back" })).toMatchObject({ outcome: "applied" })
	expect(bench.read("a")).toBe("customer's")
})

test("content that we left there is never pinned while an older backup tells what was there before", async () => {
	await degrade()
	for (const name of readdirSync(layout().originals)) rmSync(`${layout().originals}/${name}`)
	await bench.apply(module("1.1.0", "ours again"))
	expect(await originalText()).toBe("customer's")
})

test("a customer's own file with the content that a failed pool had tried is theirs", async () => {
	const { outcomes } = await bench.apply(module("1.0.0", "tried", `! grep -q tried ${bench.path("a")}`))
	expect(outcomes.p).toBe("failed")
	bench.write("a", "tried")
	await bench.apply(module("1.1.0", "ours"))
	expect(await originalText()).toBe("tried")
})

test("what a degraded pool replaced stays the original, also when its backup has had its time", async () => {
	await degrade()
	for (let minor = 1; minor <= 11; minor++) await bench.apply(module(`1.${minor}.0`, `ours ${minor}`))
	const backups = readdirSync(layout().pool("p"))
	expect(backups).not.toContain("degraded")
	expect(backups).toHaveLength(10)
	expect(await originalText()).toBe("customer's")
})

test("folders that were made for a file go with it, however long ago its first backup was removed", async () => {
	const before = bench.tree()
	for (let patch = 0; patch <= 12; patch++) {
		const version = `1.0.${patch}`
		await bench.apply({ version, pools: [{ id: "p", files: { "made/deep/new": version } }] })
	}
	expect(readdirSync(layout().pool("p"))).toHaveLength(10)
	const request = { pool: "p", original: true, force: false }
	const result = await revertPool(bench.host, bench.options, request, { run: "back" })
	expect(result).toMatchObject({ outcome: "applied" })
	expect(bench.tree()).toEqual(before)
})

test("two pools in the same millisecond: what the second one wrote is no older than what the first one found", async () => {
	const { host } = bench
	bench.host = { ...host, clock: { ...host.clock, now: () => 1_767_225_600_000 } }
	const pools = [
		{ id: "p", files: { a: "ours" } },
		{ id: "q", files: { a: "customer's" } },
	]
	expect((await bench.apply({ pools })).outcomes).toEqual({ p: "applied", q: "applied" })
	expect(await originalText()).toBe("customer's")
})
