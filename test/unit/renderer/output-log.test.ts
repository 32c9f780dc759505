import { expect, test } from "vitest"
import {
	appendOutput,
	emptyLog,
	findLines,
	lineAt,
	MAX_LINES,
	type OutputLog,
	type Stream,
	textOf,
} from "../../../renderer/stores/output-log.ts"

function logOf(...pieces: [Stream, string][]): OutputLog {
	return pieces.reduce((log, [stream, text]) => appendOutput(log, stream, text), emptyLog)
}

const linesOf = (log: OutputLog) =>
	log.blocks.flat().map((line) => `${line.stream}: ${line.spans.map((span) => span.text).join("")}`)

test.each<[string, [Stream, string][], string[]]>([
	["one line", [["stdout", "a\n"]], ["stdout: a"]],
	["no newline at the end", [["stdout", "a"]], ["stdout: a"]],
	[
		"a line in two pieces",
		[
			["stdout", "a"],
			["stdout", "b\nc"],
		],
		["stdout: ab", "stdout: c"],
	],
	[
		"a newline alone ends the open line",
		[
			["stdout", "a"],
			["stdout", "\n"],
			["stdout", "b"],
		],
		["stdout: a", "stdout: b"],
	],
	["empty lines are kept", [["stdout", "a\n\nb\n"]], ["stdout: a", "stdout: ", "stdout: b"]],
	["a first empty line", [["stdout", "\na"]], ["stdout: ", "stdout: a"]],
	["windows line ends", [["stdout", "a\r\nb\r\n"]], ["stdout: a", "stdout: b"]],
	[
		"the other stream begins its own line",
		[
			["stdout", "a"],
			["stderr", "b\n"],
			["stdout", "c"],
		],
		["stdout: a", "stderr: b", "stdout: c"],
	],
])("%s", (_, pieces, lines) => {
	expect(linesOf(logOf(...pieces))).toEqual(lines)
})

test("appending changes nothing that was handed out before", () => {
	const before = logOf(["stdout", "a"])
	const copy = structuredClone(before)
	appendOutput(before, "stdout", "b\nc\n")
	expect(before).toEqual(copy)
})

test("what the runner cut is said at its place", () => {
	const log = appendOutput(logOf(["stdout", "a\n"]), "stdout", "b\n", 4096)
	expect(linesOf(log)).toEqual(["stdout: a", "note: 4,096 bytes left out here", "stdout: b"])
})

test("memory is bounded: old lines go, their number is told, positions and numbers still fit", () => {
	let log = emptyLog
	for (let index = 0; index < 30; index++) {
		log = appendOutput(
			log,
			"stdout",
			`${Array.from({ length: 1000 }, (_, line) => `${index * 1000 + line}`).join("\n")}\n`,
		)
	}
	expect(log.length).toBeLessThanOrEqual(MAX_LINES)
	expect(log.length).toBeGreaterThan(MAX_LINES - 300)
	expect(log.dropped + log.length).toBe(30_000)
	expect(log.blocks.flat()).toHaveLength(log.length)
	expect(lineAt(log, 0)?.number).toBe(log.dropped + 1)
	expect(lineAt(log, log.length - 1)?.spans[0]?.text).toBe("29999")
})

test("a line without end is cut", () => {
	const log = logOf(["stdout", "x".repeat(50_000)], ["stdout", "y".repeat(50_000)])
	expect(textOf(log).length).toBeLessThan(4_100)
})

test("lines are found whatever their case, and copied as plain text", () => {
	const log = logOf(["stdout", "\u001b[32mBuilt\u001b[0m it\nnothing\nrebuilt\n"])
	expect(findLines(log, "BUILT")).toEqual([0, 2])
	expect(textOf(log)).toBe("Built it\nnothing\nrebuilt")
})
