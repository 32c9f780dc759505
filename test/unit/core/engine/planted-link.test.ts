import { chmodSync, chownSync, linkSync, mkdirSync } from "node:fs"
import { afterEach, beforeEach, expect, test } from "vitest"
import { createWorkbench, type Workbench } from "./workbench.ts"

const USER = 65534
const isRoot = process.geteuid?.() === 0
const pool = { pools: [{ id: "p", files: { "home/conf": "ours" } }] }

let bench: Workbench
beforeEach(() => {
	bench = createWorkbench()
	chmodSync(bench.folder, 0o755)
	bench.write("secret", "root's")
	mkdirSync(bench.path("home"))
})
afterEach(() => bench.remove())

test.skipIf(!isRoot)("root's file under a name that a user gave it is not written (needs root)", async () => {
	chownSync(bench.path("home"), USER, USER)
	linkSync(bench.path("secret"), bench.path("home/conf"))
	const { outcomes, reasons } = await bench.apply(pool)
	expect([outcomes.p, bench.read("secret")]).toEqual(["failed", "root's"])
	expect(reasons.p).toMatchObject({ phase: "preflight" })
	expect(reasons.p?.message).toContain(`${bench.path("home/conf")} has other names, and whoever may write to`)
})

test.skipIf(!isRoot)(
	"a user's own file in the user's own folder is written under all its names (needs root)",
	async () => {
		chownSync(bench.path("home"), USER, USER)
		chownSync(bench.path("secret"), USER, USER)
		linkSync(bench.path("secret"), bench.path("home/conf"))
		expect([(await bench.apply(pool)).outcomes.p, bench.read("secret")]).toEqual(["applied", "ours"])
	},
)

test("where only root may write, a file is written under all its names", async () => {
	linkSync(bench.path("secret"), bench.path("home/conf"))
	expect([(await bench.apply(pool)).outcomes.p, bench.read("secret")]).toEqual(["applied", "ours"])
})
