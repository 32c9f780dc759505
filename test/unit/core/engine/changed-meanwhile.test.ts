import {
	appendFileSync,
	linkSync,
	readFileSync,
	renameSync,
	rmSync,
	symlinkSync,
	unlinkSync,
	writeFileSync,
} from "node:fs"
import { afterEach, beforeEach, expect, test } from "vitest"
import type { Host } from "../../../../core/engine/host.ts"
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
 * Does something once, right before a path is looked at to be replaced or made: after the staging of the pool's `round`th
 * phase `apply` (a rehearsal that changes the files has two).
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
			if (how === "create" && /\/\.hotfix-[^/]*-0$/.test(at)) rounds++
			return host.disk.open(at, how, mode)
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

const warningsOf = (events: RunEvent[]) => events.flatMap((event) => (event.type === "warning" ? [event.message] : []))

test.each([
	["replaced", () => replace("b", "theirs")],
	["written into", () => appendFileSync(bench.path("b"), " and more")],
])("a file that its owner has %s since the backup is theirs, the others go back", async (_, change) => {
	rightBefore("b", change)
	const { outcomes, reasons, events } = await bench.apply(both)
	expect(outcomes.p).toBe("failed")
	expect(reasons.p).toMatchObject({
		phase: "apply",
		message: `${bench.path("b")} was changed by somebody else since it was backed up`,
	})
	expect(bench.read("a")).toBe("customer's a")
	expect(bench.read("b")).toMatch(/^(theirs|customer's b and more)$/)
	expect(Object.keys(bench.tree()).sort()).toEqual(["a", "b"])
	expect(warningsOf(events)).toContainEqual(
		`${bench.path("b")} was changed by somebody else before it was replaced: it is left as it is`,
	)
})

test("what others changed meanwhile stays too, also when another file stops the pool", async () => {
	rightBefore("a", () => {
		replace("a", "theirs")
		replace("b", "theirs, too")
	})
	const { outcomes } = await bench.apply(both)
	expect([outcomes.p, bench.read("a"), bench.read("b")]).toEqual(["failed", "theirs", "theirs, too"])
})

test("a file that was made where there was none is never replaced, nor removed", async () => {
	const module: TestModule = { pools: [{ id: "p", files: { a: "ours", new: "ours" } }] }
	// After the look: only the call that makes the name can tell.
	const host = createNodeHost()
	const link: Host["disk"]["link"] = async (from, to) => {
		if (plainPath(to) === bench.path("new")) bench.write("new", "theirs")
		await host.disk.link(from, to)
	}
	bench.host = { ...host, disk: { ...host.disk, link } }
	const { outcomes, reasons } = await bench.apply(module)
	expect([outcomes.p, reasons.p?.message]).toEqual([
		"failed",
		`${bench.path("new")} was changed by somebody else since it was backed up`,
	])
	expect([bench.read("a"), bench.read("new")]).toEqual(["customer's a", "theirs"])
	expect(Object.keys(bench.tree()).sort()).toEqual(["a", "b", "new"])
})

test.each(["EPERM", "EOPNOTSUPP"])(
	"where a file system has no second names (%s) new files are made all the same",
	async (code) => {
		const host = createNodeHost()
		const link: Host["disk"]["link"] = async (_, to) => {
			if (to.endsWith("/new")) throw Object.assign(new Error(code), { code })
		}
		bench.host = { ...host, disk: { ...host.disk, link } }
		const { outcomes } = await bench.apply({ pools: [{ id: "p", files: { new: "ours" } }] })
		expect([outcomes.p, bench.read("new")]).toEqual(["applied", "ours"])
		expect(Object.keys(bench.tree()).sort()).toEqual(["a", "b", "new"])
	},
)

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
	const first: TestModule = { pools: [{ id: "p", files: { a: "ours", new: "ours" } }] }
	await bench.apply(first)
	const events: RunEvent[] = []
	rightBefore("new", () => replace("new", "theirs"))
	const request = { pool: "p", original: false, force: false }
	await revertPool(bench.host, bench.options, request, {
		run: "back",
		onEvent: (event) => events.push(event),
	})
	expect(events.findLast((event) => event.type === "pool-finished")).toMatchObject({ outcome: "failed" })
	expect([bench.read("a"), bench.read("new")]).toEqual(["ours", "theirs"])
})

test("what a closure changes goes back, whoever else did", async () => {
	const closure = [`test "$(cat ${bench.path("a")})" != ours || { echo more >> ${bench.path("b")}; false; }`]
	const { outcomes } = await bench.apply({ pools: [{ id: "p", files: { a: "ours", b: "ours" }, closure }] })
	expect([outcomes.p, bench.read("a"), bench.read("b")]).toEqual(["failed", "customer's a", "customer's b"])
})

test("a rehearsal on changed files leaves what its owner changed meanwhile, too", async () => {
	const act = () => {
		replace("a", "theirs")
		replace("b", "theirs, too")
	}
	rightBefore("a", act, 2)
	const { outcomes } = await bench.apply(both, { kind: "rehearse", modify: true })
	expect([outcomes.p, bench.read("a"), bench.read("b")]).toEqual(["failed", "theirs", "theirs, too"])
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
				isUnsafe ||= new TextDecoder().decode(bytes).includes('"left":')
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
	expect([bench.read("a"), bench.read("b")]).toEqual(["customer's a", "theirs"])
})
