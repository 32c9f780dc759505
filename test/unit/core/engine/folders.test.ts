import { chmodSync, chownSync, lstatSync, mkdirSync, renameSync } from "node:fs"
import { afterEach, beforeEach, expect, test } from "vitest"
import { createWorkbench, type Workbench } from "./workbench.ts"

let bench: Workbench
beforeEach(() => {
	bench = createWorkbench()
	bench.write("srv/private/deep/conf", "old")
	for (const name of ["srv/private/deep", "srv/private"]) chmodSync(bench.path(name), 0o2750)
})
afterEach(() => bench.remove())

const isRoot = process.geteuid?.() === 0
const failing = (command: string) => ({
	pools: [{ id: "p", files: { "srv/private/deep/conf": "new", "srv/private/new": "new" }, closure: [once(command)] }],
})
/** Only the first closure does it and fails; the reclosure passes. */
const once = (command: string) => `if mkdir ${bench.folder}/once 2>/dev/null; then ${command}; false; fi`
const owner = (name: string) => {
	const { uid, gid } = lstatSync(bench.path(name))
	return [uid, gid]
}

test("folders that the closure removed come back with their mode", async () => {
	const before = bench.tree()
	const { outcomes } = await bench.apply(failing(`rm -rf ${bench.path("srv/private")}`))
	expect([outcomes.p, bench.tree()]).toEqual(["failed", before])
})

test("a folder made anew by the closure gets its mode back", async () => {
	const before = bench.tree()
	const folder = bench.path("srv/private")
	const { outcomes } = await bench.apply(failing(`rm -rf ${folder}; mkdir -m 755 ${folder}`))
	expect([outcomes.p, bench.tree()]).toEqual(["failed", before])
})

test.skipIf(!isRoot)("folders come back with their owner (needs root)", async () => {
	for (const name of ["srv/private", "srv/private/deep"]) chownSync(bench.path(name), 65534, 65534)
	for (const name of ["srv/private", "srv/private/deep"]) chmodSync(bench.path(name), 0o700)
	const before = bench.tree()
	const { outcomes } = await bench.apply(failing(`rm -rf ${bench.path("srv/private")}`))
	expect([outcomes.p, bench.tree()]).toEqual(["failed", before])
	expect([owner("srv/private"), owner("srv/private/deep")]).toEqual([
		[65534, 65534],
		[65534, 65534],
	])
})

test.skipIf(!isRoot)("a folder of root's put in a user's place is not given to the user (needs root)", async () => {
	for (const name of ["srv", "srv/private"]) chownSync(bench.path(name), 65534, 65534)
	mkdirSync(bench.path("srv/root"), { mode: 0o700 })
	const swap = `cd ${bench.path("srv")}; mv private old; mv root private`
	const { outcomes, reasons } = await bench.apply(failing(swap))
	expect(owner("srv/private")).toEqual([0, 0])
	expect(outcomes.p).toBe("degraded")
	expect(reasons.p?.details?.join()).toContain(`the folder ${bench.path("srv/private")} has another mode, owner`)
})

test("a file in a folder's place is told", async () => {
	const folder = bench.path("srv/private")
	const { outcomes, reasons } = await bench.apply(failing(`mv ${folder} ${folder}.old; echo mine > ${folder}`))
	expect([outcomes.p, bench.read("srv/private")]).toEqual(["degraded", "mine\n"])
	expect(reasons.p?.details?.join()).toContain(`the folder ${folder} is missing`)
	renameSync(folder, `${folder}.file`)
})
