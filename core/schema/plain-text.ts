/** Longest text that a sentence or a finding takes over from outside, in characters. */
export const PLAIN_TEXT_LIMIT = 300

/** CSI, OSC and two-character escape sequences: colours, titles, links, cursor moves. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
const escapeSequence = /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\^_])/g
/** Controls, lone surrogates, line separators, marks that reorder or hide text. Joiners (ZWJ, ZWNJ) are spelling. */
const unprintable = /[\p{Cc}\p{Cs}\u2028\u2029\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]/gu

/**
 * Makes text from outside safe to show on a terminal or in a sentence: one line, nothing that moves the cursor, colours
 * or reorders, at most `limit` characters with "…" where it was cut.
 */
export function plainText(text: string, limit = PLAIN_TEXT_LIMIT): string {
	// Cut first too, so that megabytes cost nothing; an escape takes up to 8 characters.
	const visible = text
		.slice(0, limit * 8)
		.replace(escapeSequence, "")
		.replace(unprintable, escaped)
	const characters = [...visible]
	const isCut = characters.length > limit || text.length > limit * 8
	return isCut ? `${characters.slice(0, limit - 1).join("")}…` : visible
}

/** Text of several lines from outside, each made safe to show. */
export function plainLines(text: string): string {
	return text
		.split(/\r*\n/)
		.map((line) => plainText(line))
		.join("\n")
}

/** Text from outside in quotation marks, as a message names it. */
export function quoted(text: string, limit = 80): string {
	return `"${plainText(text, limit)}"`
}

function escaped(character: string): string {
	if (character === "\n") return "\\n"
	if (character === "\t") return "\\t"
	if (character === "\r") return "\\r"
	return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`
}
