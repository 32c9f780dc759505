import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync } from "node:fs"
import { afterEach, beforeEach, expect, test } from "vitest"
import { type LogLine, logLinesOf, printLogLine } from "../../../../core/engine/log/log-lines.ts"
import type { EventBody } from "../../../../core/schema/event.ts"
import type { Reason } from "../../../../core/schema/outcome.ts"
import { createWorkbench, type Workbench } from "./workbench.ts"

let bench: Workbench
beforeEach(() => {
	bench = createWorkbench()
	bench.write("file", "old")
})
afterEach(() => bench.remove())

const LINE = /^\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\] \[(INFO|WARNING|ERROR)\] hotfix: .+$/
const log = (path = bench.options.logFile ?? "") => readFileSync(path, "utf8")
const print = (lines: LogLine[]) => lines.map((line) => printLogLine(line, new Date(2026, 0, 2, 3, 4, 5))).join("")
const finished = (outcome: "failed" | "degraded", reason: Reason): EventBody => ({
	type: "pool-finished",
	pool: "p",
	outcome,
	reason,
})

test.each<[string, EventBody, string[]]>([
	["a passing pool", { type: "pool-finished", pool: "p", outcome: "applied" }, ["[INFO] hotfix: pool p: applied"]],
	[
		"a failed command with what it said",
		finished("failed", {
			phase: "closure",
			message: "command failed with exit status 1",
			command: "npm test",
			exit: 1,
			output: "a\nb\n",
		}),
		[
			"[ERROR] hotfix: pool p failed, everything is as it was before: closure of npm test: command failed with exit status 1",
			"[ERROR] hotfix:   | a",
			"[ERROR] hotfix:   | b",
		],
	],
	[
		"a fault that is no command's, and all others found with it",
		finished("failed", {
			phase: "preflight",
			message: "/etc/a: there is no user x here",
			details: ["/etc/b: is a folder"],
		}),
		[
			"[ERROR] hotfix: pool p failed, everything is as it was before: preflight: /etc/a: there is no user x here",
			"[ERROR] hotfix:   /etc/b: is a folder",
		],
	],
	[
		"a degraded pool",
		finished("degraded", { phase: "closure", message: "command was cancelled", command: "x", details: ["y"] }),
		[
			"[ERROR] hotfix: pool p is degraded, a person must look: closure of x: command was cancelled",
			"[ERROR] hotfix:   y",
		],
	],
	[
		"a final closure",
		{ type: "final-closure", outcome: "failed", reason: { phase: "final-closure", message: "m", command: "curl" } },
		["[ERROR] hotfix: final closure failed: curl: m"],
	],
	[
		"a final closure that is not due",
		{ type: "final-closure", outcome: "not-run", why: "w" },
		["[INFO] hotfix: final closure not run: w"],
	],
	["a warning", { type: "warning", pool: "p", message: "careful" }, ["[WARNING] hotfix: pool p: careful"]],
	[
		"an interrupted run",
		{ type: "run-finished", outcome: "failed", interrupted: true },
		["[ERROR] hotfix: run R finished: failed, after it was interrupted"],
	],
	["output", { type: "command-output", phase: "closure", index: 0, stream: "stdout", text: "x" }, []],
])("%s", (_, event, lines) => {
	expect(print(logLinesOf(event, "R"))).toBe(lines.map((line) => `[2026-01-02 03:04:05] ${line}\n`).join(""))
})

const hostile =
	"x\n[2026-01-01 00:00:00] [INFO] hotfix: pool p: applied\r\u2028\u0085\u001b[2J\u001b]0;t\u0007\u202e\u0000"

test("nothing that comes from outside begins a line, moves a cursor or turns the text around", () => {
	const reason: Reason = {
		phase: "closure",
		message: hostile,
		command: hostile,
		output: `${hostile}\n${hostile}`,
		details: [hostile],
	}
	const module = { name: hostile, version: hostile, digest: "" }
	const events: EventBody[] = [
		finished("failed", reason),
		{ type: "final-closure", outcome: "failed", reason },
		{ type: "final-closure", outcome: "not-run", why: hostile },
		{ type: "warning", pool: hostile, message: hostile },
		{ type: "run-started", kind: "apply", module, pools: [], by: hostile, from: hostile },
	]
	for (const event of events) {
		const lines = logLinesOf(event, "R")
		const text = print(lines)
		expect(text.split("\n")).toHaveLength(lines.length + 1)
		for (const line of text.trimEnd().split("\n")) expect(line).toMatch(LINE)
		// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
		expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u0080-\u009f\u2028\u202e]/)
	}
})

test("the reason is read behind a command of any length, and lines stay short", () => {
	const message = "command failed with exit status 7"
	const text = print(logLinesOf(finished("failed", { phase: "closure", message, command: "x ".repeat(100_000) }), "R"))
	expect(text).toContain(`…: ${message}\n`)
	expect(text.length).toBeLessThan(600)
})

test("every failed pool says which command failed, and why", async () => {
	const pools = ["p1", "p2", "p3"].map((id) => ({
		id,
		files: { [id]: "new" },
		closure: [`echo ${id} says no >&2; test ! -e ${bench.path(id)}`],
	}))
	await bench.apply({ pools })
	for (const line of log().trimEnd().split("\n")) expect(line).toMatch(LINE)
	for (const id of ["p1", "p2", "p3"]) {
		expect(log()).toMatch(
			new RegExp(
				`\\[ERROR\\] hotfix: pool ${id} failed, .*: closure of echo ${id} says no.*: command failed with exit status 1\n.*\\| ${id} says no\n`,
			),
		)
	}
})

test("a log that is rotated away in the middle of a run goes on in a new one", async () => {
	const path = bench.options.logFile ?? ""
	const closure = [`if test -e ${path}; then mv ${path} ${path}.1; fi`]
	await bench.apply({ pools: [{ id: "p", files: { file: "new" }, closure }] })
	expect(log(`${path}.1`)).toMatch(/apply of hotfix 1\.0\.0 started/)
	expect(log()).toMatch(/pool p: applied\n.*\n.*finished: applied\n$/)
	// With `create` logrotate makes the next one itself, `copytruncate` empties the one that is open.
	renameSync(path, `${path}.2`)
	await bench.apply({ version: "1.0.1", pools: [{ id: "p", files: { file: "newer" }, closure: [`: > ${path}`] }] })
	expect(log()).toMatch(/^\[.*pool p: applied\n/)
})

test("a full disk fails no run, is said once, and leaves the next lines whole", async () => {
	const path = bench.options.logFile ?? ""
	let writes = 0
	const open = bench.host.disk.open
	bench.host = {
		...bench.host,
		disk: {
			...bench.host.disk,
			open: async (name, how, mode) => {
				const file = await open(name, how, mode)
				if (how !== "append") return file
				const write = async (bytes: Uint8Array, position: number) => {
					if (++writes !== 1) return file.write(bytes, position)
					appendFileSync(path, bytes.subarray(0, 10))
					throw Object.assign(new Error("ENOSPC"), { code: "ENOSPC" })
				}
				return new Proxy(file, {
					get: (target, key) => {
						if (key === "write") return write
						const value: unknown = Reflect.get(target, key)
						return typeof value === "function" ? value.bind(target) : value
					},
				})
			},
		},
	}
	const { outcomes, events } = await bench.apply({ pools: [{ id: "p", files: { file: "new" } }] })
	expect(outcomes.p).toBe("applied")
	expect(events.filter(({ type }) => type === "warning")).toMatchObject([{ message: expect.stringContaining(path) }])
	const [torn = "", ...lines] = log().trimEnd().split("\n")
	expect(torn).toHaveLength(10)
	expect(lines.length).toBeGreaterThan(2)
	for (const line of lines) expect(line).toMatch(LINE)
})

test.each(["a folder that is missing", "a folder in its place"])("%s fails no run, and is said", async (what) => {
	const path = what.startsWith("a folder in") ? bench.path("log") : bench.path("no/such/folder/update.log")
	if (what.startsWith("a folder in")) mkdirSync(path)
	bench.options.logFile = path
	const { outcomes, events } = await bench.apply({ pools: [{ id: "p", files: { file: "new" } }] })
	expect(outcomes.p).toBe("applied")
	expect(events.filter(({ type }) => type === "warning")).toMatchObject([{ message: expect.stringContaining(path) }])
	expect(existsSync(bench.path("no"))).toBe(false)
})
