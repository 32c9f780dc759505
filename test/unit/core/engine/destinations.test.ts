import { execFileSync } from "node:child_process"
import {
	closeSync,
	fstatSync,
	linkSync,
	lstatSync,
	mkdirSync,
	openSync,
	readlinkSync,
	readSync,
	symlinkSync,
	unlinkSync,
	writeFileSync,
} from "node:fs"
import { afterEach, beforeEach, expect, test } from "vitest"
import { createWorkbench, type Workbench } from "./workbench.ts"

let bench: Workbench
beforeEach(() => {
	bench = createWorkbench()
})
afterEach(() => bench.remove())

/** Passes on what was there before, fails on what the pool writes. */
const failsOnNew = (name: string) => [`! grep -q new ${bench.path(name)}`]
const isRoot = process.geteuid?.() === 0

test("a new file does not outlive the failure of its pool, nor do the folders made for it", async () => {
	bench.write("there/kept.txt", "kept")
	const before = bench.tree()
	const { outcomes } = await bench.apply({
		pools: [
			{
				id: "p",
				files: { "there/new.txt": "new", "a/b/c.txt": "new" },
				closure: [`test ! -e ${bench.path("a/b/c.txt")}`],
			},
		],
	})
	expect(outcomes.p).toBe("failed")
	expect(bench.tree()).toEqual(before)
})

test("a folder that the closure put something into stays, and is no fault", async () => {
	const { outcomes } = await bench.apply({
		pools: [
			{
				id: "p",
				files: { "a/new.txt": "new" },
				closure: [`touch ${bench.path("a")}/log; ! test -e ${bench.path("a/new.txt")}`],
			},
		],
	})
	expect(outcomes.p).toBe("failed")
	expect(Object.keys(bench.tree())).toEqual(["a", "a/log"])
})

test("a link at the destination is written through and stays", async () => {
	bench.write("real.txt", "old")
	symlinkSync("real.txt", bench.path("link.txt"))
	const { outcomes } = await bench.apply({ pools: [{ id: "p", files: { "link.txt": "new" } }] })
	expect(outcomes.p).toBe("applied")
	expect(readlinkSync(bench.path("link.txt"))).toBe("real.txt")
	expect(bench.read("real.txt")).toBe("new")
})

test("a link that the closure replaced by a file is a link again after the restore", async () => {
	bench.write("real.txt", "old")
	symlinkSync("real.txt", bench.path("link.txt"))
	const before = bench.tree()
	const replace = `rm ${bench.path("link.txt")}; echo mine > ${bench.path("link.txt")}`
	const { outcomes } = await bench.apply({
		pools: [
			{
				id: "p",
				files: { "link.txt": "new" },
				closure: [`if grep -q new ${bench.path("real.txt")}; then ${replace}; false; fi`],
			},
		],
	})
	expect(outcomes.p).toBe("failed")
	expect(bench.tree()).toEqual(before)
})

test("a link that leads nowhere, a folder and a pipe are found before anything is touched, all at once", async () => {
	symlinkSync("nowhere", bench.path("dangling"))
	mkdirSync(bench.path("folder"))
	execFileSync("mkfifo", [bench.path("pipe")])
	bench.write("file.txt", "old")
	const before = lstatSync(bench.path("file.txt")).ino
	const { outcomes, reasons } = await bench.apply({
		pools: [{ id: "p", files: { dangling: "new", folder: "new", pipe: "new", "file.txt": "new" } }],
	})
	expect(outcomes.p).toBe("failed")
	expect(reasons.p).toMatchObject({ phase: "preflight", message: expect.stringContaining("which does not exist") })
	expect(reasons.p?.details).toEqual([
		expect.stringContaining("is a folder"),
		expect.stringContaining("is a device, socket or pipe"),
	])
	expect(lstatSync(bench.path("file.txt")).ino).toBe(before)
})

test("two names of one file in one pool are a fault", async () => {
	bench.write("real.txt", "old")
	symlinkSync("real.txt", bench.path("link.txt"))
	const { reasons } = await bench.apply({ pools: [{ id: "p", files: { "link.txt": "new", "real.txt": "other" } }] })
	expect(reasons.p?.message).toContain("are the same file")
	expect(bench.read("real.txt")).toBe("old")
})

test("a file below another file of the pool is refused, also where only a link tells", async () => {
	bench.write("real/kept.txt", "kept")
	symlinkSync("real", bench.path("link"))
	const before = bench.tree()
	const { story, reasons } = await bench.apply({
		pools: [{ id: "p", files: { "real/a": "new", "link/a/b/c": "new" } }],
	})
	expect(story[0]).toBe("p: preflight! = failed")
	expect(reasons.p?.message).toContain(`below ${bench.path("real/a")}, which`)
	expect(bench.tree()).toEqual(before)
})

test("a file with two names keeps both, new and restored", async () => {
	bench.write("one", "old", 0o750)
	linkSync(bench.path("one"), bench.path("two"))
	const before = bench.tree()
	const failed = await bench.apply({
		pools: [{ id: "p", files: { one: "new, and longer" }, closure: failsOnNew("two") }],
	})
	expect(failed.outcomes.p).toBe("failed")
	expect(bench.tree()).toEqual(before)
	const applied = await bench.apply({ version: "1.0.1", pools: [{ id: "p", files: { one: "n" } }] })
	expect(applied.outcomes.p).toBe("applied")
	expect(bench.read("two")).toBe("n")
	expect(lstatSync(bench.path("two")).mode & 0o777).toBe(0o750)
})

test("an existing destination keeps its mode, a new one takes the source's, permissions override both", async () => {
	bench.write("old.sh", "old", 0o4750)
	const pools = [{ id: "p", files: { "old.sh": "new", "new.sh": "new" } }]
	await bench.apply({ mode: 0o755, pools })
	expect([mode("old.sh"), mode("new.sh")]).toEqual([0o4750, 0o755])
	await bench.apply({
		version: "2.0.0",
		pools: [{ ...pools[0], id: "p", permissions: { mode: "0600" }, files: { "old.sh": "new" } }],
	})
	expect(mode("old.sh")).toBe(0o600)
})

test("an unknown owner and group are told at once, nothing touched", async () => {
	bench.write("file", "old")
	const permissions = { owner: "no-such-user", group: "no-such-group" }
	const { reasons } = await bench.apply({ pools: [{ id: "p", files: { file: "new" }, permissions }] })
	expect([reasons.p?.message, ...(reasons.p?.details ?? [])].join()).toMatch(
		/no user no-such-user.*no group no-such-group/,
	)
	expect(bench.read("file")).toBe("old")
})

test("extended attributes survive a replacement and a restore", async ({ skip }) => {
	if (await bench.host.attributes.missing()) return skip("cp or tar cannot keep extended attributes here")
	bench.write("file", "old")
	try {
		execFileSync("setfattr", ["-n", "user.hotfix", "-v", "kept", bench.path("file")])
	} catch {
		return skip("no setfattr, or a file system without extended attributes")
	}
	const value = () =>
		execFileSync("getfattr", ["--absolute-names", "--only-values", "-n", "user.hotfix", bench.path("file")]).toString()
	const lose = `if grep -q new ${bench.path("file")}; then setfattr -x user.hotfix ${bench.path("file")}; false; fi`
	const failed = await bench.apply({ pools: [{ id: "p", files: { file: "new" }, closure: [lose] }] })
	expect(failed.outcomes.p).toBe("failed")
	expect(value()).toBe("kept")
	await bench.apply({ version: "1.0.1", pools: [{ id: "p", files: { file: "new" } }] })
	expect([bench.read("file"), value()]).toEqual(["new", "kept"])
})

test.skipIf(!isRoot)("an immutable file is found before anything is touched (needs root)", async ({ skip }) => {
	bench.write("file", "old")
	try {
		execFileSync("chattr", ["+i", bench.path("file")])
	} catch {
		return skip("chattr does not work on this file system")
	}
	try {
		const { reasons } = await bench.apply({ pools: [{ id: "p", files: { file: "new" } }] })
		expect(reasons.p).toMatchObject({ phase: "preflight", message: expect.stringContaining("cannot be written") })
	} finally {
		execFileSync("chattr", ["-i", bench.path("file")])
	}
})

/** Its size, and the letters at its beginning, middle and end: quick, so that whoever writes it gets on. */
function lookAt(path: string): string {
	const file = openSync(path, "r")
	try {
		const { size } = fstatSync(file)
		const letters = [0, size >> 1, size - 1].map((at) => {
			const letter = Buffer.alloc(1)
			readSync(file, letter, 0, 1, at)
			return letter.toString()
		})
		return `${size} ${[...new Set(letters)].join("")}`
	} finally {
		closeSync(file)
	}
}

test("a large file is never seen half written", async () => {
	const size = 6 << 20
	const old = "o".repeat(size)
	bench.write("large", old)
	const seen = new Set<string>()
	let isOver = false
	const reading = (async () => {
		while (!isOver) {
			seen.add(lookAt(bench.path("large")))
			await new Promise((resolve) => setImmediate(resolve))
		}
	})()
	const { outcomes } = await bench.apply({ pools: [{ id: "p", files: { large: "n".repeat(size) } }] })
	isOver = true
	await reading
	expect(outcomes.p).toBe("applied")
	expect([...seen].sort()).toEqual([`${size} n`, `${size} o`])
})

test("a file that is written while it is backed up stops the pool before anything is touched", async () => {
	bench.write("busy", "old")
	const { clone } = bench.host.disk
	bench.host = {
		...bench.host,
		disk: {
			...bench.host.disk,
			clone: async (from, to) => {
				writeFileSync(bench.path("busy"), "somebody's")
				await clone(from, to)
			},
		},
	}
	const { reasons } = await bench.apply({ pools: [{ id: "p", files: { busy: "new" } }] })
	expect(reasons.p).toMatchObject({ phase: "backup", message: expect.stringContaining("changed meanwhile") })
	expect(bench.read("busy")).toBe("somebody's")
	unlinkSync(bench.path("busy"))
})

function mode(name: string): number {
	return lstatSync(bench.path(name)).mode & 0o7777
}
