import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import type { RunEvent } from "../../../../core/schema/event.ts"
import { createWorkbench, type TestPool, type Workbench } from "./workbench.ts"

let bench: Workbench
beforeEach(() => {
	bench = createWorkbench()
})
afterEach(() => bench.remove())

test("the closure runs again after the restore, on the restored file", async () => {
	bench.write("file", "old")
	const { outcomes } = await bench.apply({
		pools: [
			{
				id: "p",
				files: { file: "new" },
				closure: [`cat ${bench.path("file")} >> ${bench.path("seen")}`, `! grep -q new ${bench.path("file")}`],
			},
		],
	})
	expect(outcomes.p).toBe("failed")
	expect(bench.read("seen")).toBe("newold")
})

test("the final closure does not run after a failed pool, and the next pool still does", async () => {
	bench.write("file", "old")
	const { story, result } = await bench.apply({
		pools: [
			{ id: "p1", files: { file: "new" }, closure: [`! grep -q new ${bench.path("file")}`] },
			{ id: "p2", files: { other: "new" } },
		],
		finalClosure: [`touch ${bench.path("final")}`],
	})
	expect(story.at(-1)).toBe("final closure: not-run")
	expect(Object.keys(bench.tree())).toEqual(["file", "other"])
	expect(result).toMatchObject({ finalClosure: { outcome: "not-run", why: "not applied: p1" } })
})

test("a failed command is told with its status and what it said", async () => {
	const { reasons } = await bench.apply({
		pools: [{ id: "p", files: { file: "new" }, closure: ["echo broken; exit 7"] }],
	})
	expect(reasons.p).toMatchObject({ phase: "closure", command: "echo broken; exit 7", exit: 7, output: "broken\n" })
})

test("of a command that says much the first 64 KiB and the last 256 KiB are told, and how much was cut", async () => {
	const lines = (from: number, until: number) =>
		Array.from({ length: until - from }, (_, index) => `${String(from + index).padStart(7, "0")}\n`).join("")
	const { events } = await bench.apply({
		pools: [{ id: "p", files: { file: "new" }, closure: ["seq -f %07.0f 0 63999"] }],
	})
	const output = events.flatMap((event) => (event.type === "command-output" ? [event] : []))
	const cut = output.findIndex(({ cutBytes }) => cutBytes !== undefined)
	const textOf = (part: typeof output) => part.map(({ text }) => text).join("")
	// Eight bytes a line.
	const [begin, end] = [64 * 128, 64_000 - 256 * 128]
	expect(textOf(output.slice(0, cut)) === lines(0, begin)).toBe(true)
	expect(textOf(output.slice(cut)) === lines(end, 64_000)).toBe(true)
	expect(output.flatMap(({ cutBytes = [] }) => cutBytes)).toEqual([(end - begin) * 8])
	expect(events).toContainEqual(expect.objectContaining({ type: "command-finished", cutBytes: (end - begin) * 8 }))
})

test("the pool's own time limit ends a command, the request's replaces it", async () => {
	const pool = {
		id: "p",
		files: { file: "new" },
		closure: [`test ! -e ${bench.path("file")} || sleep 60`],
		timeoutSeconds: 60,
	}
	const { reasons } = await bench.apply({ pools: [pool] }, { timeoutSeconds: 0.5 })
	expect(reasons.p).toMatchObject({ phase: "closure", timedOut: true })
})

test("a cancelled run puts its open pool back and begins no other", async () => {
	bench.write("file", "old")
	const cancel = new AbortController()
	const before = bench.tree()
	const { story, reasons } = await bench.apply(
		{
			pools: [
				{ id: "p1", files: { file: "new" }, closure: [`test ! -e ${bench.path("file")} || sleep 1`] },
				{ id: "p2", files: { other: "new" } },
			],
		},
		{},
		{ signal: cancel.signal, onEvent: (event) => event.type === "command-started" && cancel.abort() },
	)
	expect(story[0]).toMatch(/^p1: preflight backup apply closure! restore reclosure = failed$/)
	expect(story.slice(1)).toEqual(["p2: = failed", "final closure: not-run"])
	expect(reasons.p2?.message).toBe("the run was cancelled")
	expect(bench.tree()).toEqual(before)
})

test.each(["before", "in"])("a cancel %s the final closure: it has failed, not silently not run", async (when) => {
	const cancel = new AbortController()
	const isThen = (event: RunEvent) =>
		when === "in" ? event.type === "command-started" && event.phase === "final-closure" : event.type === "pool-finished"
	const { result } = await bench.apply(
		{ pools: [{ id: "p", files: { file: "new" } }], finalClosure: ["sleep 5"] },
		{},
		{ signal: cancel.signal, onEvent: (event) => isThen(event) && cancel.abort() },
	)
	const reason = { phase: "final-closure", message: expect.stringContaining("cancelled") }
	expect(result).toMatchObject({ outcome: "applied", finalClosure: { outcome: "failed", reason } })
})

test("another process cancels by a file in the run's folder", async () => {
	bench.write("file", "old")
	const folder = join(bench.options.stateFolder, "runs", "by-file")
	const { outcomes } = await bench.apply(
		{ pools: [{ id: "p", files: { file: "new" }, closure: [`grep -q old ${bench.path("file")} || sleep 30`] }] },
		{},
		{
			run: "by-file",
			onEvent: (event) => event.type === "command-started" && writeFileSync(join(folder, "cancel"), ""),
		},
	)
	expect(outcomes.p).toBe("failed")
})

test("the standard log names the failed command and why", async () => {
	bench.write("file", "old")
	await bench.apply({
		pools: [{ id: "p", files: { file: "new" }, closure: [`echo it broke; ! grep -q new ${bench.path("file")}`] }],
	})
	const log = readFileSync(bench.options.logFile ?? "", "utf8")
	for (const line of log.trim().split("\n"))
		expect(line).toMatch(/^\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\] \[(INFO|WARNING|ERROR)\] hotfix: /)
	expect(log).toMatch(
		/\[ERROR\] hotfix: pool p failed, everything is as it was before: closure of echo it broke;.*: command failed with exit status 1/,
	)
	expect(log).toContain("| it broke")
})

test("a log that cannot be written fails nothing, and is said", async () => {
	bench.options.logFile = join(bench.folder, "no/such/folder/update.log")
	const { outcomes, events } = await bench.apply({ pools: [{ id: "p", files: { file: "new" } }] })
	expect(outcomes.p).toBe("applied")
	expect(events.find((event) => event.type === "warning")).toMatchObject({
		message: expect.stringContaining("cannot be written"),
	})
})

test("a rehearsal proves both ways and leaves nothing behind", async () => {
	bench.write("file", "old")
	const before = bench.tree()
	const pools: TestPool[] = [
		{ id: "good", files: { file: "new", made: "new" } },
		{ id: "bad", files: { other: "new" }, closure: [`test ! -e ${bench.path("other")}`] },
	]
	const { story } = await bench.apply({ pools, finalClosure: ["true"] }, { kind: "rehearse" })
	expect(story).toEqual([
		"good: preflight backup apply closure restore reclosure = applied",
		"bad: preflight backup apply closure! restore reclosure = failed",
		"final closure: not-run",
	])
	expect(bench.tree()).toEqual(before)
	const applied = await bench.apply({ pools: pools.slice(0, 1) })
	expect(applied.outcomes.good).toBe("applied")
})
