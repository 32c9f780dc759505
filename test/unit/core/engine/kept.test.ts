import { execFileSync } from "node:child_process"
import { chownSync, lstatSync } from "node:fs"
import { afterEach, beforeEach, expect, test } from "vitest"
import type { Disk } from "../../../../core/engine/host.ts"
import { createWorkbench, type Workbench } from "./workbench.ts"

let bench: Workbench
beforeEach(() => {
	bench = createWorkbench()
	bench.write("file", "old", 0o640)
})
afterEach(() => bench.remove())

const isRoot = process.geteuid?.() === 0
const asRoot = test.skipIf(!isRoot)
const why = isRoot ? "" : " (skipped: needs root)"
/** Passes on what was there before, fails on what the pool writes. */
const failsOnNew = () => [`! grep -q new ${bench.path("file")}`]
const owner = (name: string) => [lstatSync(bench.path(name)).uid, lstatSync(bench.path(name)).gid]

asRoot(`owner and group stay, under new content and after a restore; a new file is root's${why}`, async () => {
	chownSync(bench.path("file"), 1234, 5678)
	const before = bench.tree()
	const failed = await bench.apply({ pools: [{ id: "p", files: { file: "new" }, closure: failsOnNew() }] })
	expect([failed.outcomes.p, bench.tree()]).toEqual(["failed", before])
	await bench.apply({ version: "1.0.1", pools: [{ id: "p", files: { file: "new", fresh: "new" } }] })
	expect([bench.read("file"), owner("file"), owner("fresh")]).toEqual(["new", [1234, 5678], [0, 0]])
})

asRoot(`permissions give a file away, by name and by number; a failed pool takes it back${why}`, async () => {
	const before = bench.tree()
	const pool = { id: "p", files: { file: "new" }, permissions: { owner: "nobody", group: "5678", mode: "0600" } }
	const failed = await bench.apply({ pools: [{ ...pool, closure: failsOnNew() }] })
	expect([failed.outcomes.p, bench.tree()]).toEqual(["failed", before])
	await bench.apply({ version: "1.0.1", pools: [pool] })
	const nobody = Number(execFileSync("id", ["-u", "nobody"]))
	expect([owner("file"), lstatSync(bench.path("file")).mode & 0o777]).toEqual([[nobody, 5678], 0o600])
})

test("ACLs survive a replacement and a restore", async ({ skip }) => {
	if (await bench.host.attributes.missing()) return skip("cp or tar cannot keep ACLs here")
	try {
		execFileSync("setfacl", ["-m", "u:65534:rx", bench.path("file")], { stdio: "ignore" })
	} catch {
		return skip("no setfacl, or a file system without ACLs")
	}
	const list = () => execFileSync("getfacl", ["-pcn", bench.path("file")]).toString()
	const before = list()
	const lose = `if grep -q new ${bench.path("file")}; then setfacl -b ${bench.path("file")}; false; fi`
	const failed = await bench.apply({ pools: [{ id: "p", files: { file: "new" }, closure: [lose] }] })
	expect([failed.outcomes.p, list()]).toEqual(["failed", before])
	await bench.apply({ version: "1.0.1", pools: [{ id: "p", files: { file: "new" } }] })
	expect([bench.read("file"), list()]).toEqual(["new", before])
	expect(before).toContain("user:65534:r-x")
})

asRoot(`a mount point is written in place, and put back in place${why}`, async ({ skip }) => {
	bench.write("beneath", "what is mounted over")
	try {
		execFileSync("mount", ["--bind", bench.path("file"), bench.path("beneath")], { stdio: "ignore" })
	} catch {
		return skip("mount --bind is not allowed here")
	}
	try {
		const inode = lstatSync(bench.path("file")).ino
		const pool = { id: "p", files: { beneath: "new, and longer" } }
		const failed = await bench.apply({ pools: [{ ...pool, closure: failsOnNew() }] })
		expect([failed.outcomes.p, bench.read("file")]).toEqual(["failed", "old"])
		const applied = await bench.apply({ version: "1.0.1", pools: [pool] })
		expect([applied.outcomes.p, bench.read("file"), lstatSync(bench.path("beneath")).ino]).toEqual([
			"applied",
			"new, and longer",
			inode,
		])
	} finally {
		execFileSync("umount", [bench.path("beneath")])
	}
	expect(bench.read("beneath")).toBe("what is mounted over")
})

test.each<[string, Awaited<ReturnType<Disk["room"]>>, RegExp]>([
	["bytes", { freeBytes: 4096, freeFiles: undefined }, /\d+ bytes are needed on the disk of .*, 4096 are free/],
	["files", { freeBytes: 1 << 30, freeFiles: 3 }, /room for \d+ more files is needed on the disk of .*, .* for 3/],
])("too little room for %s is found before anything is touched", async (_, room, words) => {
	bench.host = { ...bench.host, disk: { ...bench.host.disk, room: async () => room } }
	const before = bench.tree()
	const { story, reasons } = await bench.apply({ pools: [{ id: "p", files: { file: "new" } }] })
	expect(story[0]).toBe("p: preflight! = failed")
	expect(reasons.p?.message).toMatch(words)
	expect(bench.tree()).toEqual(before)
})
