import { execFileSync } from "node:child_process"
import { lstatSync, mkdirSync, rmSync } from "node:fs"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import type { Reason } from "../../core/schema/outcome.ts"
import { createMachine, type Machine } from "../support/machine.ts"
import { createMounts, type Mounts, whyNoMounts } from "../support/mounts.ts"
import { compareTrees, readTree, type Tree } from "../support/tree.ts"

const why = whyNoMounts()
if (why) console.warn(`SKIPPED real disks: ${why}`)

const isTrace = /^\s+at .*[:(]/m
const MEGABYTE = 1 << 20

describe.skipIf(why)(`real disks${why ? `: ${why}` : ""}`, () => {
	let mounts: Mounts
	let machine: Machine
	beforeEach(() => {
		mounts = createMounts()
		machine = createMachine("disk/state")
		mkdirSync(machine.at("disk"))
		mkdirSync(machine.at("other"))
	})
	afterEach(() => {
		mounts.end()
		machine.remove()
	})

	/** Files of every kind below a folder, which a pool replaces, and one that it makes. */
	function makeFiles(folder: string, size = MEGABYTE) {
		machine.write(`${folder}/conf`, "old\n")
		machine.write(`${folder}/large`, Buffer.alloc(size, "o"))
		execFileSync("chmod", ["640", machine.at(`${folder}/conf`)])
		execFileSync("touch", ["-d", "2001-02-03 04:05:06.123456789", machine.at(`${folder}/conf`)])
		return {
			[machine.at(`${folder}/conf`)]: "new\n",
			[machine.at(`${folder}/large`)]: Buffer.alloc(MEGABYTE, "n"),
			[machine.at(`${folder}/made/deep`)]: "new\n",
		}
	}

	/** Whether the new files stand there; a closure that goes by it passes after the way back. */
	const isNew = (folder: string) => `grep -q new ${machine.at(folder)}/conf`
	/** More than any of these disks has; bounded, because what a closure leaves may outlive the mount. */
	const fill = (path: string) => `head -c 64M /dev/zero > ${machine.at(path)} 2>/dev/null`
	const look = (folder: string) => readTree(machine.at(folder))
	const after = { id: "after", files: {} as Record<string, string> }
	const next = () => ({ ...after, files: { [machine.at("other/next")]: "new\n" } })

	function expectAsBefore(before: Tree, folder: string): void {
		expect(compareTrees(before, look(folder))).toEqual([])
	}
	function expectReason(reason: Reason | undefined, phase: string, words: RegExp): void {
		expect(reason?.phase).toBe(phase)
		expect([reason?.message, ...(reason?.details ?? [])].join("\n")).toMatch(words)
	}

	describe.each([
		["a file system in memory", () => mounts.memory(machine.at("disk"), "24m")],
		["ext4", () => mounts.ext4(machine.at("disk"), 32)],
	] as const)("one disk for everything, %s", (_, mount) => {
		beforeEach(() => mount())

		test("a closure fills it: all is put back, and the next pool goes on when there is room", async () => {
			const files = makeFiles("disk/files", 3 * MEGABYTE)
			const before = look("disk/files")
			const closure = [
				`if ${isNew("disk/files")}; then ${fill("disk/fill")}; false; else rm -f ${machine.at("disk/fill")}; fi`,
			]
			const { exit, outcomes, reasons } = await machine.apply([{ id: "p", files, closure }, next()])
			expectReason(reasons.p, "closure", /^command failed with exit status 1$/)
			expect([exit, outcomes]).toEqual([1, { p: "failed", after: "applied" }])
			expectAsBefore(before, "disk/files")
		})

		test("a closure fills it for good: all is put back, the next pool says what is missing, and it is all recorded", async () => {
			const files = makeFiles("disk/files", 3 * MEGABYTE)
			const before = look("disk/files")
			const closure = [`if ${isNew("disk/files")}; then ${fill("disk/fill")}; false; fi`]
			const { exit, outcomes, reasons, stderr } = await machine.apply([{ id: "p", files, closure }, next()])
			expect([exit, outcomes, stderr]).toEqual([1, { p: "failed", after: "failed" }, ""])
			expectReason(reasons.after, "preflight", /bytes are needed on the disk of .*disk\/state, \d+ are free/)
			expectAsBefore(before, "disk/files")
			expect((await machine.history())[0]).toMatchObject({ state: "finished", outcome: "failed" })
			rmSync(machine.at("disk/fill"))
			expect((await machine.run("recover")).exit).toBe(0)
			expect((await machine.apply([next()])).outcomes).toEqual({ after: "applied" })
		})

		test("a file that the closure removed comes back on a disk that it filled", async () => {
			const files = makeFiles("disk/files")
			const before = look("disk/files")
			const closure = [
				`if ${isNew("disk/files")}; then cd ${machine.at("disk/files")}; ${fill("disk/fill")}; rm -r conf made; ${fill("disk/fill")}; false; fi`,
			]
			const { exit, outcomes } = await machine.apply([{ id: "p", files, closure }])
			expect([exit, outcomes]).toEqual([1, { p: "failed" }])
			expectAsBefore(before, "disk/files")
		})

		test("full before the backup: nothing is touched", async () => {
			const files = makeFiles("disk/files")
			const before = look("disk/files")
			const checks = [fill("disk/fill"), "true"].map((command) => `${command} || true`)
			const { exit, outcomes, reasons } = await machine.apply([{ id: "p", files, checks }])
			expectReason(reasons.p, "backup", /no space is left on the disk$/)
			expect([exit, outcomes]).toEqual([1, { p: "failed" }])
			expectAsBefore(before, "disk/files")
		})
	})

	test("the disk of the destinations alone is filled by the closure, and kept full by what it left", async () => {
		mounts.memory(machine.at("other"), "12m")
		const files = makeFiles("other/files", MEGABYTE)
		const before = look("other/files")
		const goesOn = machine.at("disk/filling")
		machine.write("disk/filling", "")
		const filling = `(while test -e ${goesOn}; do ${fill("other/fill")}; sleep 0.1; done) &`
		const closure = [`if ${isNew("other/files")}; then ${filling} ${fill("other/more")}; false; fi`]
		const last = { id: "after", files: { [machine.at("disk/next")]: "new\n" } }
		const { exit, outcomes } = await machine.apply([{ id: "p", files, closure }, last])
		rmSync(goesOn)
		expect([exit, outcomes]).toEqual([1, { p: "failed", after: "applied" }])
		expectAsBefore(before, "other/files")
	})

	test("no more files can be made: those that are there are written over", async () => {
		mounts.memory(machine.at("other"), "12m", 60)
		const files = makeFiles("other/files")
		const before = look("other/files")
		const many = `mkdir ${machine.at("other/many")}; n=0; while test $n -lt 100 && : > ${machine.at("other/many")}/$n; do n=$((n + 1)); done`
		const closure = [`if ${isNew("other/files")}; then ${many}; false; fi`]
		const { exit, outcomes } = await machine.apply([
			{ id: "p", files, closure },
			{ id: "after", files: { [machine.at("disk/next")]: "new\n" } },
		])
		expect([exit, outcomes]).toEqual([1, { p: "failed", after: "applied" }])
		expectAsBefore(before, "other/files")
	})

	test("no room at all for a larger old file on a disk of its own: degraded and named, nothing half written", async () => {
		mounts.memory(machine.at("other"), "12m")
		const files = makeFiles("other/files", 4 * MEGABYTE)
		const closure = [`if ${isNew("other/files")}; then ${fill("other/fill")}; false; fi`]
		const { exit, outcomes, reasons } = await machine.apply([
			{ id: "p", files, closure },
			{ id: "after", files: { [machine.at("disk/next")]: "new\n" } },
		])
		expect([exit, outcomes]).toEqual([3, { p: "degraded", after: "applied" }])
		expectReason(reasons.p, "closure", /cannot restore .*other\/files\/large: .*no space is left on the disk/)
		expect(machine.read("other/files/large")).toBe("n".repeat(MEGABYTE))
		expect(machine.read("other/files/conf")).toBe("old\n")
	})

	test("the disk of the destinations becomes full before they are written", async () => {
		mounts.memory(machine.at("other"), "12m")
		const files = makeFiles("other/files")
		const before = look("other/files")
		const checks = [`${fill("other/fill")} || true`]
		const last = { id: "after", files: { [machine.at("disk/next")]: "new\n" } }
		const { exit, outcomes, reasons } = await machine.apply([{ id: "p", files, checks }, last])
		expectReason(reasons.p, "apply", /^cannot write .*other\/files\/.*: no space is left on the disk$/)
		expect([exit, outcomes]).toEqual([1, { p: "failed", after: "applied" }])
		expectAsBefore(before, "other/files")
	})

	test("the disk of the state folder alone is filled by the closure", async () => {
		mounts.memory(machine.at("disk"), "12m")
		const files = makeFiles("other/files")
		const before = look("other/files")
		const closure = [`if ${isNew("other/files")}; then ${fill("disk/fill")}; false; fi`]
		const { exit, outcomes, stderr } = await machine.apply([{ id: "p", files, closure }])
		expect([exit, outcomes, stderr]).toEqual([1, { p: "failed" }, ""])
		expectAsBefore(before, "other/files")
		expect((await machine.history())[0]).toMatchObject({ state: "finished", outcome: "failed" })
	})

	describe("read-only", () => {
		test("destinations: found before anything is touched", async () => {
			mounts.memory(machine.at("other"), "12m")
			const files = makeFiles("other/files")
			const before = look("other/files")
			mounts.readOnly(machine.at("other"))
			const last = { id: "after", files: { [machine.at("disk/next")]: "new\n" } }
			const { exit, outcomes, reasons } = await machine.apply([{ id: "p", files }, last])
			expectReason(reasons.p, "preflight", /other\/files\/conf.* cannot be written: the file system is read-only/)
			expect([exit, outcomes]).toEqual([1, { p: "failed", after: "applied" }])
			expectAsBefore(before, "other/files")
		})

		test("from the closure on: degraded, and put back by a revert when it is writable again", async () => {
			mounts.memory(machine.at("other"), "12m")
			const files = makeFiles("other/files")
			const before = look("other/files")
			const closure = [`if ${isNew("other/files")}; then mount -o remount,ro ${machine.at("other")}; false; fi`]
			const last = { id: "after", files: { [machine.at("disk/next")]: "new\n" } }
			const { exit, outcomes, reasons } = await machine.apply([{ id: "p", files, closure }, last])
			expect([exit, outcomes]).toEqual([3, { p: "degraded", after: "applied" }])
			expectReason(reasons.p, "closure", /cannot restore .*other\/files\/conf: .*the file system is read-only/)
			expect(machine.read("other/files/conf")).toBe("new\n")
			mounts.writable(machine.at("other"))
			const [run] = await machine.history()
			const reverted = await machine.run("revert", "--pool", "p", "--run", run?.run ?? "")
			expect([reverted.exit, reverted.stderr]).toEqual([0, ""])
			expectAsBefore(before, "other/files")
		})

		test("the state folder: nothing is touched, and no trace", async () => {
			const files = makeFiles("other/files")
			const before = look("other/files")
			mounts.memory(machine.at("disk"), "12m")
			mounts.readOnly(machine.at("disk"))
			const { exit, stderr } = await machine.apply([{ id: "p", files }])
			expect(exit).toBe(2)
			expect(stderr).toMatch(/disk\/state can only be read, not written/)
			expect(stderr).not.toMatch(isTrace)
			expectAsBefore(before, "other/files")
		})
	})

	describe("protected by chattr", () => {
		beforeEach(() => mounts.ext4(machine.at("other"), 16))

		test.each([
			[
				"an immutable file",
				"+i",
				"other/files/conf",
				/other\/files\/conf cannot be written: it is protected \(immutable\?\)/,
			],
			[
				"an append-only file",
				"+a",
				"other/files/conf",
				/other\/files\/conf cannot be written: it is protected \(immutable\?\)/,
			],
			[
				"an immutable folder",
				"+i",
				"other/files",
				/other\/files\/conf: its folder .* cannot be written: it is protected/,
			],
			[
				"an append-only folder",
				"+a",
				"other/files",
				/other\/files\/conf: its folder .* cannot be written: it is append-only/,
			],
		])("%s is found before anything is touched", async (_, flag, name, words) => {
			const files = makeFiles("other/files")
			const before = look("other/files")
			execFileSync("chattr", [flag, machine.at(name)])
			try {
				const last = { id: "after", files: { [machine.at("disk/next")]: "new\n" } }
				const { exit, outcomes, reasons } = await machine.apply([{ id: "p", files }, last])
				expectReason(reasons.p, "preflight", words)
				expect([exit, outcomes]).toEqual([1, { p: "failed", after: "applied" }])
				expectAsBefore(before, "other/files")
			} finally {
				execFileSync("chattr", [flag.replace("+", "-"), machine.at(name)])
			}
		})

		test("from the closure on: degraded, the file named, all others put back", async () => {
			const files = makeFiles("other/files")
			const before = look("other/files")
			const conf = machine.at("other/files/conf")
			const closure = [`if ${isNew("other/files")}; then chattr +i ${conf}; false; fi`]
			const { exit, outcomes, reasons } = await machine.apply([{ id: "p", files, closure }])
			execFileSync("chattr", ["-i", conf])
			expect([exit, outcomes]).toEqual([3, { p: "degraded" }])
			expectReason(reasons.p, "closure", /cannot restore .*other\/files\/conf: .*protected \(immutable\?\)/)
			expect(machine.read("other/files/conf")).toBe("new\n")
			expect(compareTrees(before, look("other/files")).every((line) => line.startsWith("conf: "))).toBe(true)
		})
	})

	test.each([
		["a file of its own", "other/files/conf"],
		["a file from another disk", "memory/conf"],
	])("a destination that %s is mounted on is written in place, and comes back as it was", async (_, from) => {
		const files = makeFiles("other/files")
		mounts.memory(machine.at("memory"), "4m")
		machine.write("memory/conf", "old\n")
		const mounted = machine.at("other/files/mounted")
		machine.write("other/files/mounted", "beneath\n")
		mounts.bind(machine.at(from), mounted)
		const before = look("other/files")
		const inode = lstatSync(mounted).ino
		const pool = { id: "p", files: { ...files, [mounted]: "new, and longer\n" }, closure: [`! grep -q new ${mounted}`] }
		if (from === "other/files/conf") delete (pool.files as Record<string, unknown>)[machine.at(from)]
		const failed = await machine.apply([pool, { id: "after", files: { [machine.at("disk/next")]: "new\n" } }])
		expect([failed.exit, failed.outcomes]).toEqual([1, { p: "failed", after: "applied" }])
		expectAsBefore(before, "other/files")
		const applied = await machine.apply([{ ...pool, closure: ["true"] }])
		expect([applied.exit, machine.read(from), lstatSync(mounted).ino]).toEqual([0, "new, and longer\n", inode])
	})

	test("a file system without extended attributes, on another device than the state folder", async () => {
		mounts.plainMemory(machine.at("other"))
		const files = makeFiles("other/files")
		const before = look("other/files")
		const pool = { id: "p", files, closure: [`! ${isNew("other/files")}`] }
		const failed = await machine.apply([pool, next()])
		expect([failed.exit, failed.outcomes]).toEqual([1, { p: "failed", after: "applied" }])
		expectAsBefore(before, "other/files")
		const applied = await machine.apply([{ ...pool, closure: ["true"] }])
		expect([applied.exit, machine.read("other/files/conf"), machine.read("other/files/made/deep")]).toEqual([
			0,
			"new\n",
			"new\n",
		])
	})
})
