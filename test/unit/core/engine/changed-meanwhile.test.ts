import {
	appendFileSync,
	chmodSync,
	linkSync,
	readFileSync,
	renameSync,
	rmSync,
	statSync,
	symlinkSync,
	unlinkSync,
	writeFileSync,
} from "node:fs"
import { afterEach, beforeEach, expect, test } from "vitest"
import type { FileStat, Host } from "../../../../core/engine/host.ts"
import { createNodeHost } from "../../../../core/engine/node-host/node-host.ts"
import { recoverRuns } from "../../../../core/engine/recover.ts"
import { revertPool } from "../../../../core/engine/revert.ts"
import type { RunEvent } from "../../../../core/schema/event.ts"
import { createWorkbench, plainPath, type TestModule, type Workbench } from "./workbench.ts"

/** Customers change their files at any moment, also between the backup of a file and its replacement. */
let bench: Workbench
beforeEach(() => {
	bench = createWorkbench()
	bench.write("a", "customer's a")
	bench.write("b", "customer's b")
})
afterEach(() => bench.remove())

const both: TestModule = { pools: [{ id: "p", files: { a: "ours", b: "ours" } }] }

/**
 * Does something once, right before a path is looked at to be replaced or made, in the pool's `round`th phase `apply` (a
 * rehearsal that changes the files has two).
 */
function rightBefore(name: string, act: () => void, round = 1): void {
	const host = createNodeHost()
	const path = bench.path(name)
	let rounds = 0
	let isDone = false
	const actAt = (at: string) => {
		if (isDone || rounds < round || plainPath(at) !== path) return
		isDone = true
		act()
	}
	const disk: Host["disk"] = {
		...host.disk,
		open: async (at, how, mode) => {
			const file = await host.disk.open(at, how, mode)
			if (!at.endsWith("/journal.jsonl")) return file
			const write: typeof file.write = async (bytes, position) => {
				if (new TextDecoder().decode(bytes).includes('"phase":"apply"')) rounds++
				await file.write(bytes, position)
			}
			return { ...file, write }
		},
		lstat: async (at) => {
			actAt(at)
			return host.disk.lstat(at)
		},
	}
	bench.host = { ...host, disk }
}

function replace(name: string, content: string): void {
	writeFileSync(bench.path(`.${name}.new`), content)
	renameSync(bench.path(`.${name}.new`), bench.path(name))
}

async function revert(): Promise<string | undefined> {
	const events: RunEvent[] = []
	const request = { pool: "p", original: false, force: false }
	await revertPool(bench.host, bench.options, request, { run: "back", onEvent: (event) => events.push(event) })
	return events.findLast((event) => event.type === "pool-finished")?.outcome
}

test.each([
	["replaced", () => replace("b", "theirs")],
	["written into", () => appendFileSync(bench.path("b"), " and more")],
])("a file that its owner has %s since the backup is theirs, the others go back", async (_, change) => {
	rightBefore("b", change)
	const { outcomes, reasons } = await bench.apply(both)
	expect(outcomes.p).toBe("failed")
	expect(reasons.p).toMatchObject({
		phase: "apply",
		message: `${bench.path("b")} was changed by somebody else since it was backed up`,
	})
	expect(bench.read("a")).toBe("customer's a")
	expect(bench.read("b")).toMatch(/^(theirs|customer's b and more)$/)
	expect(Object.keys(bench.tree()).sort()).toEqual(["a", "b"])
	expect(reasons.p?.left).toBe(1)
	expect(reasons.p?.details).toEqual([
		`${bench.path("b")} was changed by somebody else before the pool came to it: it is left as it is`,
	])
})

test("what others changed meanwhile stays too, also when another file stops the pool", async () => {
	rightBefore("a", () => {
		replace("a", "theirs")
		replace("b", "theirs, too")
	})
	const { outcomes } = await bench.apply(both)
	expect([outcomes.p, bench.read("a"), bench.read("b")]).toEqual(["failed", "theirs", "theirs, too"])
})

test("a file that was made where there was none is not replaced, nor removed", async () => {
	rightBefore("new", () => bench.write("new", "theirs"))
	const { outcomes, reasons } = await bench.apply({ pools: [{ id: "p", files: { a: "ours", new: "ours" } }] })
	expect([outcomes.p, reasons.p?.message]).toEqual([
		"failed",
		`${bench.path("new")} was changed by somebody else since it was backed up`,
	])
	expect([bench.read("a"), bench.read("new")]).toEqual(["customer's a", "theirs"])
	expect(Object.keys(bench.tree()).sort()).toEqual(["a", "b", "new"])
})

test("a link whose place its owner gave to a file is not followed any more, and does not come back", async () => {
	symlinkSync("b", bench.path("link"))
	rightBefore("link", () => {
		unlinkSync(bench.path("link"))
		bench.write("link", "theirs")
	})
	const { outcomes } = await bench.apply({ pools: [{ id: "p", files: { a: "ours", link: "ours" } }] })
	expect([outcomes.p, bench.read("link"), bench.read("b")]).toEqual(["failed", "theirs", "customer's b"])
	expect(bench.read("a")).toBe("customer's a")
})

test("a file with several names that its owner has written into is not written over", async () => {
	linkSync(bench.path("b"), bench.path("second"))
	rightBefore("b", () => appendFileSync(bench.path("second"), " and more"))
	const { outcomes } = await bench.apply(both)
	expect([outcomes.p, bench.read("b"), bench.read("a")]).toEqual(["failed", "customer's b and more", "customer's a"])
})

test("both names of one file may be written by one pool", async () => {
	linkSync(bench.path("a"), bench.path("second"))
	const { outcomes } = await bench.apply({ pools: [{ id: "p", files: { a: "ours", second: "ours" } }] })
	expect([outcomes.p, bench.read("a"), bench.read("second")]).toEqual(["applied", "ours", "ours"])
})

test("a file that was removed meanwhile comes back", async () => {
	rightBefore("b", () => rmSync(bench.path("b")))
	const { outcomes } = await bench.apply(both)
	expect([outcomes.p, bench.read("a"), bench.read("b")]).toEqual(["failed", "customer's a", "customer's b"])
})

test("a file that a revert would remove, and that its owner changed meanwhile, stays", async () => {
	await bench.apply({ pools: [{ id: "p", files: { a: "ours", new: "ours" } }] })
	rightBefore("new", () => replace("new", "theirs"))
	expect(await revert()).toBe("failed")
	expect([bench.read("a"), bench.read("new")]).toEqual(["ours", "theirs"])
})

test("what a closure changes goes back, whoever else did", async () => {
	const closure = [`test "$(cat ${bench.path("a")})" != ours || { echo more >> ${bench.path("b")}; false; }`]
	const { outcomes } = await bench.apply({ pools: [{ id: "p", files: { a: "ours", b: "ours" }, closure }] })
	expect([outcomes.p, bench.read("a"), bench.read("b")]).toEqual(["failed", "customer's a", "customer's b"])
})

test("what its owner does to a file that a rehearsal has changed already goes back to the true original", async () => {
	rightBefore("a", () => appendFileSync(bench.path("b"), " and more"), 2)
	const { outcomes } = await bench.apply(both, { kind: "rehearse", modify: true })
	expect([outcomes.p, bench.read("a"), bench.read("b")]).toEqual(["failed", "customer's a", "customer's b"])
})

test("a file made where a rehearsal would make one is left alone", async () => {
	rightBefore("new", () => bench.write("new", "theirs"), 2)
	const module: TestModule = { pools: [{ id: "p", files: { a: "ours", b: "ours", new: "ours" } }] }
	const { outcomes } = await bench.apply(module, { kind: "rehearse", modify: true })
	expect([outcomes.p, bench.read("a"), bench.read("new")]).toEqual(["failed", "customer's a", "theirs"])
})

test("other permissions that its owner gave a file stay", async () => {
	rightBefore("b", () => chmodSync(bench.path("b"), 0o600))
	const { outcomes } = await bench.apply(both)
	expect([outcomes.p, bench.read("b"), statSync(bench.path("b")).mode & 0o777]).toEqual([
		"failed",
		"customer's b",
		0o600,
	])
})

test("a second name, which gives a file another ctime, is no change", async () => {
	rightBefore("b", () => linkSync(bench.path("b"), bench.path("snapshot")))
	const { outcomes } = await bench.apply(both)
	expect([outcomes.p, bench.read("b"), bench.read("snapshot")]).toEqual(["applied", "ours", "customer's b"])
})

test("a file that was written within a clock's tick of its backup is compared as a whole", async () => {
	rightBefore("b", () => appendFileSync(bench.path("b"), " and more"))
	const { host } = bench
	const coarse = <Stat extends FileStat | undefined>(stat: Stat): Stat =>
		stat && { ...stat, ctimeNs: stat.ctimeNs - (stat.ctimeNs % 10n ** 14n) }
	const open: Host["disk"]["open"] = async (...given) => {
		const file = await host.disk.open(...given)
		return { ...file, stat: async () => coarse(await file.stat()) }
	}
	bench.host = {
		...host,
		clock: { ...host.clock, now: () => host.clock.now() - (host.clock.now() % 10 ** 8) },
		disk: { ...host.disk, open, lstat: async (path) => coarse(await host.disk.lstat(path)) },
	}
	const { outcomes } = await bench.apply(both)
	expect([outcomes.p, bench.read("b"), bench.read("a")]).toEqual(["failed", "customer's b and more", "customer's a"])
})

test("another name of a file that was written in place is not taken for somebody else's work", async () => {
	bench.write("m", "customer's m")
	linkSync(bench.path("a"), bench.path("second"))
	rightBefore("m", () => {
		replace("m", "theirs")
		replace("a", "theirs a")
	})
	const module: TestModule = { pools: [{ id: "p", files: { a: "ours", m: "ours", second: "ours" } }] }
	const { outcomes, reasons } = await bench.apply(module)
	expect([outcomes.p, bench.read("m"), bench.read("second")]).toEqual(["failed", "theirs", "customer's a"])
	expect(reasons.p?.details?.join()).not.toContain("second")
})

test("a second name that its owner gave to another file is not written over", async () => {
	linkSync(bench.path("a"), bench.path("second"))
	rightBefore("second", () => replace("second", "theirs"))
	const { outcomes } = await bench.apply({ pools: [{ id: "p", files: { a: "ours", second: "ours" } }] })
	expect([outcomes.p, bench.read("a"), bench.read("second")]).toEqual(["failed", "customer's a", "theirs"])
})

test.each([
	["both were made", "x"],
	["one was there before", "a"],
])("files of a pool that are one by now can be reverted: %s", async (_, first) => {
	await bench.apply({ pools: [{ id: "p", files: { [first]: "ours", y: "ours" } }] })
	unlinkSync(bench.path("y"))
	linkSync(bench.path(first), bench.path("y"))
	expect(await revert()).toBe("applied")
	expect(Object.keys(bench.tree()).sort()).toEqual(["a", "b"])
	expect(bench.read("a")).toBe("customer's a")
})

test("a file that a revert would remove and that is gone already stops nothing", async () => {
	await bench.apply({ pools: [{ id: "p", files: { a: "ours", new: "ours" } }] })
	rightBefore("new", () => rmSync(bench.path("new")))
	expect(await revert()).toBe("applied")
	expect(bench.read("a")).toBe("customer's a")
})

test("a file that is right already and is changed before the closure stops the pool, and stays", async () => {
	bench.write("a", "ours")
	rightBefore("b", () => replace("a", "theirs"))
	const { outcomes } = await bench.apply(both)
	expect([outcomes.p, bench.read("a"), bench.read("b")]).toEqual(["failed", "theirs", "customer's b"])
})

test("so does one where the run is cancelled before the closure", async () => {
	bench.write("a", "ours")
	const cancel = new AbortController()
	const { host } = bench
	const rename: Host["disk"]["rename"] = async (from, to) => {
		await host.disk.rename(from, to)
		if (plainPath(to) !== bench.path("b") || cancel.signal.aborted) return
		cancel.abort()
	}
	let isOver = false
	const lstat: Host["disk"]["lstat"] = async (path) => {
		const stat = await host.disk.lstat(path)
		// After the last look of `apply`.
		if (cancel.signal.aborted && !isOver && plainPath(path) === bench.path("a")) {
			isOver = true
			replace("a", "theirs")
		}
		return stat
	}
	bench.host = { ...host, disk: { ...host.disk, rename, lstat } }
	const { outcomes } = await bench.apply(both, {}, { signal: cancel.signal })
	expect([outcomes.p, bench.read("a"), bench.read("b")]).toEqual(["failed", "theirs", "customer's b"])
})

test("where the journal cannot say what is left, it goes back, and that is said", async () => {
	rightBefore("b", () => replace("b", "theirs"))
	const { host } = bench
	const open: Host["disk"]["open"] = async (path, how, mode) => {
		const file = await host.disk.open(path, how, mode)
		if (!path.endsWith("/journal.jsonl")) return file
		const write: typeof file.write = async (bytes, position) => {
			if (new TextDecoder().decode(bytes).includes('"left":[')) throw Object.assign(new Error("EIO"), { code: "EIO" })
			await file.write(bytes, position)
		}
		return { ...file, write }
	}
	bench.host = { ...host, disk: { ...host.disk, open } }
	const { outcomes, events } = await bench.apply(both)
	expect([outcomes.p, bench.read("b")]).toEqual(["failed", "customer's b"])
	const warnings = events.flatMap((event) => (event.type === "warning" ? [event.message] : []))
	expect(warnings.join()).toContain(`${bench.path("b")}: changed by somebody else meanwhile, goes back to the backup`)
})

test("what is left alone is safe in the journal before anything goes back", async () => {
	rightBefore("b", () => replace("b", "theirs"))
	const { host } = bench
	const steps: string[] = []
	const open: Host["disk"]["open"] = async (path, how, mode) => {
		const file = await host.disk.open(path, how, mode)
		if (!path.endsWith("/journal.jsonl")) return file
		let isUnsafe = false
		return {
			...file,
			write: async (bytes, position) => {
				isUnsafe ||= new TextDecoder().decode(bytes).includes('"left":[')
				await file.write(bytes, position)
			},
			sync: async () => {
				await file.sync()
				if (isUnsafe) steps.push("synced")
				isUnsafe = false
			},
		}
	}
	const rename: Host["disk"]["rename"] = async (from, to) => {
		if (plainPath(to) === bench.path("a")) steps.push("a replaced")
		await host.disk.rename(from, to)
	}
	bench.host = { ...host, disk: { ...host.disk, open, rename } }
	await bench.apply(both)
	expect(steps).toEqual(["a replaced", "synced", "a replaced"])
})

test("a recovery of a way back that was cut short leaves it, too", async () => {
	rightBefore("b", () => replace("b", "theirs"))
	const { host } = bench
	// The runner dies in the reclosure: the pool's end is never written.
	const shell: Host["shell"] = {
		...host.shell,
		open: async () => {
			throw new Error("the runner dies here")
		},
	}
	bench.host = { ...host, shell }
	const journal = () => readFileSync(`${bench.options.stateFolder}/runs/r/journal.jsonl`, "utf8")
	await bench.apply(both, {}, { run: "r" })
	const cut = journal()
		.split("\n")
		.filter((line) => !/"type":"(pool|run)-closed"/.test(line))
	writeFileSync(`${bench.options.stateFolder}/runs/r/journal.jsonl`, cut.join("\n"))
	bench.host = createNodeHost()
	await recoverRuns(bench.host, bench.options)
	const [closed] = journal()
		.split("\n")
		.filter((line) => line.includes('"pool-closed"'))
	expect(closed).toContain(`${bench.path("b")} was changed by somebody else`)
	expect([bench.read("a"), bench.read("b")]).toEqual(["customer's a", "theirs"])
})
