import { expect, test } from "vitest"
import type { EventBody, UnknownEvent } from "../../../core/schema/event.ts"
import { textOf } from "../../../renderer/stores/output-log.ts"
import { applyRunEvent, emptyRun, openPhase, type RunView } from "../../../renderer/stores/run-view.ts"

const digest = "a".repeat(64)
const module = { name: "hotfix", version: "1.1.0", digest }
const time = "2026-11-23T02:14:09.000Z"

function play(bodies: (EventBody | Omit<UnknownEvent, "seq" | "time" | "run">)[], from: RunView = emptyRun): RunView {
	return bodies.reduce<RunView>(
		(view, body) => applyRunEvent(view, { ...body, seq: view.seq + 1, time, run: "r" } as UnknownEvent),
		from,
	)
}

const started: EventBody = { type: "run-started", kind: "apply", module, pools: ["one", "two"] }
const inClosure = { pool: "one", phase: "closure", index: 0 } as const
const failedPool: EventBody[] = [
	started,
	{ type: "pool-started", pool: "one" },
	{ type: "phase-started", pool: "one", phase: "closure" },
	{ type: "command-started", ...inClosure, command: "npm run build" },
	{ type: "command-output", ...inClosure, stream: "stdout", text: "buil" },
	{ type: "command-output", ...inClosure, stream: "stdout", text: "ding\n" },
	{ type: "command-output", ...inClosure, stream: "stderr", text: "no\n" },
	{ type: "command-finished", ...inClosure, exit: 1, durationMs: 30 },
	{ type: "phase-finished", pool: "one", phase: "closure", ok: false, durationMs: 31 },
	{ type: "phase-started", pool: "one", phase: "restore" },
	{ type: "file", pool: "one", phase: "restore", destination: "/a", action: "restored" },
	{ type: "file", pool: "one", phase: "restore", destination: "/a", action: "verified" },
]

test("the pools of a run are there from its beginning, in their order", () => {
	expect(play([started]).pools.map((pool) => pool.pool)).toEqual(["one", "two"])
})

test("phases, commands, output and files of a pool that fails", () => {
	const pool = play(failedPool).pools[0]
	expect(pool?.phases.map(({ phase, ok }) => [phase, ok])).toEqual([
		["closure", false],
		["restore", undefined],
	])
	expect(pool?.commands[0]).toMatchObject({ command: "npm run build", finished: true, exit: 1, durationMs: 30 })
	expect(pool && textOf(pool.commands[0]?.output ?? never())).toBe("building\nno")
	expect(pool?.files).toEqual([{ destination: "/a", actions: ["restored", "verified"], size: undefined }])
	expect(pool && openPhase(pool)?.phase).toBe("restore")
})

test("a finished pool has its outcome and reason, and no open phase", () => {
	const reason = { phase: "closure" as const, message: "the command failed" }
	const pool = play([...failedPool, { type: "pool-finished", pool: "one", outcome: "failed", reason }]).pools[0]
	expect(pool).toMatchObject({ outcome: "failed", reason })
	expect(pool && openPhase(pool)).toBeUndefined()
})

test("the same command in closure and reclosure is two commands", () => {
	const again = { ...inClosure, phase: "reclosure" } as const
	const pool = play([...failedPool, { type: "command-started", ...again, command: "npm run build" }]).pools[0]
	expect(pool?.commands.map((command) => [command.phase, command.finished])).toEqual([
		["closure", true],
		["reclosure", false],
	])
})

test("the final closure's commands belong to no pool", () => {
	const view = play([
		started,
		{ type: "phase-started", phase: "final-closure" },
		{ type: "command-started", phase: "final-closure", index: 0, command: "curl" },
		{ type: "final-closure", outcome: "passed" },
		{ type: "run-finished", outcome: "applied" },
	])
	expect(view.pools.flatMap((pool) => pool.commands)).toEqual([])
	expect(view.final?.commands[0]?.command).toBe("curl")
	expect(view).toMatchObject({ outcome: "applied", finalClosure: { outcome: "passed" }, finishedAt: time })
})

test("an event that is known already is dropped: a reconnect doubles nothing", () => {
	const view = play(failedPool)
	const repeated = { ...failedPool[5], seq: 6, time, run: "r" } as UnknownEvent
	expect(applyRunEvent(view, repeated)).toBe(view)
})

test("an event of a newer runner is remembered by its name, once", () => {
	const view = play([started, { type: "teleported" }, { type: "teleported" }])
	expect(view.unknown).toEqual(["teleported"])
	expect(view.seq).toBe(3)
})

test("a known type with wrong fields is kept apart like an unknown one", () => {
	expect(play([started, { type: "pool-finished", pool: 7 }]).unknown).toEqual(["pool-finished"])
})

test("events of a pool that the run did not announce make it known", () => {
	expect(play([started, { type: "pool-started", pool: "three" }]).pools.map((pool) => pool.pool)).toContain("three")
})

test("warnings are kept at the pool or at the run", () => {
	const view = play([started, { type: "warning", message: "a" }, { type: "warning", pool: "two", message: "b" }])
	expect(view.warnings).toEqual(["a"])
	expect(view.pools[1]?.warnings).toEqual(["b"])
})

function never(): never {
	throw new Error("cannot happen")
}

test("a list that runs twice in one phase keeps its outputs apart", () => {
	const once = (text: string): EventBody[] => [
		{ type: "command-started", ...inClosure, command: "make" },
		{ type: "command-output", ...inClosure, stream: "stdout", text },
		{ type: "command-finished", ...inClosure, exit: 0, durationMs: 1 },
	]
	const commands = play([started, ...once("first\n"), ...once("second\n")]).pools[0]?.commands ?? []
	expect(commands.map(({ output }) => textOf(output))).toEqual(["first", "second"])
	expect(new Set(commands.map(({ key }) => key)).size).toBe(2)
})
