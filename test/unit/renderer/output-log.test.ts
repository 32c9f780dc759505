import { expect, test } from "vitest"
import {
	appendOutput,
	emptyLog,
	lastLinesOf,
	lineAt,
	MAX_SHOWN,
	MAX_SIZE,
	type OutputLog,
	type Stream,
	textOf,
	textOfLine,
} from "../../../renderer/stores/output-log.ts"
import { MAX_FOUND, makeSearch, type OutputSearch, searchOn } from "../../../renderer/stores/output-search.ts"

function logOf(...pieces: [Stream, string][]): OutputLog {
	return pieces.reduce((log, [stream, text]) => appendOutput(log, stream, text), emptyLog)
}

const linesOf = (log: OutputLog) => lastLinesOf(log, log.length).map((line) => `${line.stream}: ${textOfLine(line)}`)

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
	const line = "x".repeat(1023)
	const piece = `${line}\n`.repeat(4096)
	for (let index = 0; index < 60; index++) log = appendOutput(log, "stdout", piece)
	log = appendOutput(log, "stdout", "the last one\n")
	expect(log.size).toBeLessThanOrEqual(MAX_SIZE)
	expect(log.size).toBeGreaterThan(MAX_SIZE - 2 * 64 * 1024)
	expect(log.dropped).toBeGreaterThan(0)
	expect(log.dropped + log.length).toBe(60 * 4096 + 1)
	expect(lineAt(log, 0)).toMatchObject({ number: log.dropped + 1, spans: [{ text: line }] })
	expect(lineAt(log, log.length - 1)).toMatchObject({ number: 60 * 4096 + 1, spans: [{ text: "the last one" }] })
	expect(lineAt(log, log.length)).toBeUndefined()
	expect(textOf(log).length).toBe(log.size - log.length * 16 + log.length - 1)
})

test("lines without content count too, or memory would not be bounded", () => {
	expect(appendOutput(emptyLog, "stdout", "\n".repeat(5000)).size).toBe(5000 * 16)
})

test("a long line is shown up to a length, the rest counted; copying takes all of it", () => {
	const log = logOf(["stdout", "x".repeat(5_000_000)], ["stdout", `${"y".repeat(5_000_000)}\nz`])
	expect(lineAt(log, 0)?.spans).toEqual([{ text: "x".repeat(MAX_SHOWN) }])
	expect(lineAt(log, 0)?.hidden).toBe(10_000_000 - MAX_SHOWN)
	expect(lineAt(log, 1)).toMatchObject({ hidden: 0, spans: [{ text: "z" }] })
	expect(textOf(log)).toBe(`${"x".repeat(5_000_000)}${"y".repeat(5_000_000)}\nz`)
})

test("colours stand where they stood, over lines and pieces, and not beyond", () => {
	const log = logOf(["stdout", "a\u001b[31mb\nc"], ["stdout", "d\u001b[0me\n\u001b[1mf\u001b[0m"], ["stderr", "g"])
	expect(lastLinesOf(log, 4).map(({ spans }) => spans)).toEqual([
		[{ text: "a" }, { text: "b", color: "red" }],
		[{ text: "cd", color: "red" }, { text: "e" }],
		[{ text: "f", bold: true }],
		[{ text: "g" }],
	])
})

/** In slices of one block each, as a page does it. */
function searchAll(log: OutputLog, from: OutputSearch): { search: OutputSearch; slices: number } {
	let slices = 1
	let next = searchOn(from, log, () => true)
	for (; !next.done; slices++) next = searchOn(next.search, log, () => true)
	return { search: next.search, slices }
}

test("lines are found whatever their case, and copied as plain text", () => {
	const log = logOf(["stdout", "\u001b[32mBui\u001b[1mlt\u001b[0m it, built it\nnothing\nrebuilt\n"])
	expect(searchAll(log, makeSearch("BUILT")).search.found).toEqual([0, 2])
	expect(searchAll(log, makeSearch("built nothing")).search.found).toEqual([])
	expect(textOf(log)).toBe("Built it, built it\nnothing\nrebuilt")
})

test("a search goes on where it was: every line once, however the log grew and in how many slices", () => {
	let log = emptyLog
	let search = makeSearch("7")
	let slices = 0
	for (let at = 0; at < 20_000; at += 500) {
		const numbers = Array.from({ length: 500 }, (_, index) => `${at + index}`)
		log = appendOutput(log, "stdout", `${numbers.join("\n")}\n`)
		const searched = searchAll(log, search)
		search = searched.search
		slices += searched.slices
	}
	const expected = Array.from({ length: 20_000 }, (_, index) => index).filter((index) => `${index}`.includes("7"))
	expect(search.found).toEqual(expected)
	expect(searchAll(log, makeSearch("7"))).toMatchObject({ search: { found: expected }, slices: 10 })
	expect(slices).toBeLessThan(60)
})

test("what is found in too many lines is not all kept", () => {
	const log = appendOutput(emptyLog, "stdout", "same\n".repeat(MAX_FOUND + 5000))
	expect(searchAll(log, makeSearch("same")).search.found).toHaveLength(MAX_FOUND)
})

test("what the log has dropped is not found any more", () => {
	const log = appendOutput(emptyLog, "stdout", "a\n".repeat(5000))
	const { search } = searchAll(log, makeSearch("a"))
	const dropped = log.blocks[1]?.first ?? 0
	const shorter = { ...log, blocks: log.blocks.slice(1), dropped, length: 5000 - dropped }
	const { found } = searchAll(shorter, search).search
	expect([found[0], found.length]).toEqual([dropped, 5000 - dropped])
})
