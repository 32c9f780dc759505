import fc from "fast-check"
import { expect, test } from "vitest"
import { parseAnsi, plainState } from "../../../renderer/stores/ansi.ts"

const spansOf = (text: string) => parseAnsi(plainState, text).spans
const textOf = (text: string) =>
	spansOf(text)
		.map((span) => span.text)
		.join("")

test.each([
	["plain", "plain"],
	["\u001b[31mred\u001b[0m", "red"],
	["\u001b[2J\u001b[Hcleared", "cleared"],
	["\u001b]0;title\u0007after", "after"],
	["\u001b]8;;http://evil.example\u001b\\link\u001b]8;;\u001b\\", "link"],
	["\u001bPq#0;2;0;0;0\u001b\\sixel", "sixel"],
	["\u001b(Bcharset", "charset"],
	["\u001b[6nreport", "report"],
	["<script>alert(1)</script>", "<script>alert(1)</script>"],
	["bell\u0007 back\u0008 nul\u0000 c1\u009b31m", "bell\ufffd back\ufffd nul\ufffd c1\ufffd31m"],
	["exe\u202etxt.", "exe\ufffdtxt."],
	["tab\tand\nline", "tab\tand\nline"],
])("%j is shown as %j", (text, shown) => {
	expect(textOf(text)).toBe(shown)
})

test.each([
	["\u001b[1;32mx", { bold: true, color: "green" }],
	["\u001b[91mx", { color: "red" }],
	["\u001b[31m\u001b[39mx", { color: undefined }],
	["\u001b[1m\u001b[22mx", { bold: false, dim: false }],
	["\u001b[7mx", { inverse: true }],
	["\u001b[31m\u001b[mx", {}],
	["\u001b[38;5;196mx", {}],
	["\u001b[38;2;1;31;4mx", {}],
	["\u001b[38;2;1;2;3;1mx", { bold: true }],
])("%j is styled", (text, style) => {
	expect(spansOf(text)).toEqual([{ text: "x", ...style }])
})

test("a sequence that is cut between two chunks is still one", () => {
	const first = parseAnsi(plainState, "a\u001b[3")
	expect(first.spans).toEqual([{ text: "a" }])
	expect(parseAnsi(first.state, "1mb").spans).toEqual([{ text: "b", color: "red" }])
})

test("style goes on in the next chunk", () => {
	const first = parseAnsi(plainState, "\u001b[34mone")
	expect(parseAnsi(first.state, "two").spans).toEqual([{ text: "two", color: "blue" }])
})

test("whatever comes, no control character is shown and every chunking shows the same text", () => {
	const piece = fc.constantFrom(
		"\u001b",
		"[",
		"]",
		"(",
		"31m",
		";",
		"text",
		"\u0007",
		"\u001b\\",
		"\u0000",
		"\u202e",
		"0",
		"m",
	)
	fc.assert(
		fc.property(fc.array(piece, { maxLength: 40 }), fc.nat(100), (pieces, at) => {
			const text = pieces.join("")
			const cut = at % (text.length + 1)
			const first = parseAnsi(plainState, text.slice(0, cut))
			const rest = parseAnsi(first.state, text.slice(cut))
			const shown = [...first.spans, ...rest.spans].map((span) => span.text).join("")
			// biome-ignore lint/suspicious/noControlCharactersInRegex: their absence is what is tested
			expect(shown).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]/)
			expect(shown).toBe(textOf(text))
		}),
		{ numRuns: 500 },
	)
})

test("a string sequence that never ends does not swallow output for ever", () => {
	const long = `\u001b]0;${"x".repeat(10_000)}`
	expect(textOf(`${long} visible`)).toContain("visible")
})

test.each(["\u001b[", "\u001b[0 ", "\u001b]", "\u001b"])(
	"a sequence that never ends after %j is not carried on for ever",
	(start) => {
		let state = parseAnsi(plainState, start).state
		for (let chunk = 0; chunk < 10; chunk++) {
			state = parseAnsi(state, (start.endsWith(" ") ? " " : "0").repeat(1000)).state
			expect(state.rest.length).toBeLessThan(5000)
		}
		expect(
			parseAnsi(state, "\u0007visible")
				.spans.map(({ text }) => text)
				.join(""),
		).toContain("visible")
	},
)

test("parameters of 256 characters are still a sequence, longer ones are not kept waiting", () => {
	const params = (length: number) => `\u001b[${"0".repeat(length - 2)}31`
	expect(parseAnsi(plainState, params(256)).state.rest).toHaveLength(258)
	expect(spansOf(`${params(256)}mx`)).toEqual([{ text: "x", color: "red" }])
	expect(parseAnsi(plainState, params(257)).state.rest).toBe("")
})
