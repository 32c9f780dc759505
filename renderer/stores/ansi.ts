/** How a stretch of output looks. Colours are names of the theme's own palette, never values from the output. */
export interface SpanStyle {
	color?: AnsiColor
	bold?: boolean
	dim?: boolean
	italic?: boolean
	underline?: boolean
	inverse?: boolean
}
type AnsiColor = (typeof ansiColors)[number]
export interface Span extends SpanStyle {
	text: string
}

const ansiColors = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"] as const
const bidiControls = "\u200e\u200f\u202a-\u202e\u2066-\u2069"
const unsafe = new RegExp(`[\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f${bidiControls}]`, "g")

/**
 * One escape sequence: CSI, a string (OSC, DCS, APC, PM, SOS; up to its end), or two characters. `(?<cut>...)` matches
 * a sequence that the chunk ends in the middle of; it waits for the next chunk. Every part has a longest length: what is
 * longer is no sequence, and nothing of it is carried on.
 */
const sequence =
	// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are made of control characters
	/\u001b(?:\[(?<params>[0-?]{0,256})[ -/]{0,16}(?<final>[@-~])|[\]PX^_][^\u0007\u001b]{0,4096}(?:\u0007|\u001b\\)|(?<cut>(?:\[[0-?]{0,256}[ -/]{0,16}|[\]PX^_][^\u0007\u001b]{0,4096}\u001b?|[ -/]{1,16})?$)|[ -/]{0,16}[0-~])/g

/** What is carried from one chunk of a stream to the next. */
export interface AnsiState {
	style: SpanStyle
	/** The beginning of an escape sequence that is not complete yet. */
	rest: string
}

export const plainState: AnsiState = { style: {}, rest: "" }

/**
 * Splits output into styled stretches. Only colours and weights are honoured; every other sequence (cursor, title,
 * links, queries) is left out, and other control characters and text direction controls become U+FFFD.
 */
export function parseAnsi(state: AnsiState, chunk: string): { state: AnsiState; spans: Span[] } {
	const text = state.rest + chunk
	const spans: Span[] = []
	let style = state.style
	let rest = ""
	let position = 0
	const push = (part: string) => {
		if (part) spans.push({ text: part.replace(unsafe, "\ufffd"), ...style })
	}
	for (const match of text.matchAll(sequence)) {
		push(text.slice(position, match.index))
		position = match.index + match[0].length
		if (match.groups?.cut !== undefined) rest = match[0]
		else if (match.groups?.final === "m") style = applyParams(style, match.groups.params ?? "")
	}
	push(text.slice(position))
	return { state: { style, rest }, spans }
}

/** A text of an appliance as it may be shown outside of an output: nothing that colours, reorders or hides. */
export function safeText(text: string): string {
	const { spans } = parseAnsi(plainState, text)
	return spans.map((span) => span.text).join("")
}

function applyParams(style: SpanStyle, params: string): SpanStyle {
	const codes = params.split(/[;:]/).map(Number)
	let next: SpanStyle = { ...style }
	for (let at = 0; at < codes.length; at++) {
		const code = codes[at] ?? 0
		// 256 and true colours: the palette is ours, so they are stepped over.
		if (code === 38 || code === 48) at += codes[at + 1] === 2 ? 4 : 2
		else next = applyCode(next, code)
	}
	return next
}

function applyCode(style: SpanStyle, code: number): SpanStyle {
	if (code === 0) return {}
	if (code === 1) return { ...style, bold: true }
	if (code === 2) return { ...style, dim: true }
	if (code === 3) return { ...style, italic: true }
	if (code === 4) return { ...style, underline: true }
	if (code === 7) return { ...style, inverse: true }
	if (code === 22) return { ...style, bold: false, dim: false }
	if (code === 23) return { ...style, italic: false }
	if (code === 24) return { ...style, underline: false }
	if (code === 27) return { ...style, inverse: false }
	if (code === 39) return { ...style, color: undefined }
	if (code >= 30 && code <= 37) return { ...style, color: ansiColors[code - 30] }
	if (code >= 90 && code <= 97) return { ...style, color: ansiColors[code - 90] }
	return style
}
