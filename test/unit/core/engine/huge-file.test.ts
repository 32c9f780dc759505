import { truncateSync } from "node:fs"
import { afterEach, beforeEach, expect, test } from "vitest"
import { revertPool } from "../../../../core/engine/revert.ts"
import { createWorkbench, type Workbench } from "./workbench.ts"

let bench: Workbench
beforeEach(() => {
	bench = createWorkbench()
})
afterEach(() => bench.remove())

test("a destination that became larger than anything could be read is told as changed at once", async () => {
	await bench.apply({ pools: [{ id: "p", files: { file: "new" } }] })
	truncateSync(bench.path("file"), 4e12)
	const request = { pool: "p", original: false, force: false }
	const result = await revertPool(bench.host, bench.options, request, { run: "back" })
	const changes = [`${bench.path("file")} has other content`]
	expect(result).toMatchObject({ state: "refused", failure: { code: "destination-changed", data: { changes } } })
}, 120_000)

test("so it is when a restore is verified", async () => {
	bench.write("file", "old")
	const { host } = bench
	// Whoever owns the folder, in the moment after it was put back.
	const rename = async (from: string, to: string) => {
		await host.disk.rename(from, to)
		if (to.endsWith("/file") && bench.read("file") === "old") truncateSync(bench.path("file"), 4e12)
	}
	bench.host = { ...host, disk: { ...host.disk, rename } }
	const { outcomes, reasons } = await bench.apply({ pools: [{ id: "p", files: { file: "new" }, closure: ["false"] }] })
	expect([outcomes.p, reasons.p?.details?.join()]).toEqual([
		"degraded",
		expect.stringContaining(`${bench.path("file")} has other content`),
	])
}, 120_000)
