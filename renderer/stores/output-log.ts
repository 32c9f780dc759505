import { type AnsiState, parseAnsi, plainState, type Span, type SpanStyle } from "./ansi.ts"

export type Stream = "stdout" | "stderr"

/** One line of output as it is shown; `note` lines are ours and say what was left out. */
export interface OutputLine {
	/** From 1, of all that ever came. */
	number: number
	stream: Stream | "note"
	spans: Span[]
	/** Characters of it that are not among `spans`. */
	hidden: number
}

/**
 * A command's output. What was handed out once never changes: only the newest block is copied to append to it, so
 * that a hundred megabytes cost no more to append to than one. Oldest blocks go when it is more than `MAX_SIZE`.
 */
export interface OutputLog {
	blocks: Block[]
	/** Lines kept. */
	length: number
	/** Lines dropped at the beginning, to keep memory bounded. */
	dropped: number
	/** What is kept, in characters; each line counts `LINE_SIZE` besides. */
	size: number
	/** The stream whose last line has not ended yet. */
	open?: Stream | undefined
	ansi: Record<Stream, AnsiState>
}

/** Some lines: plain text, safe to show, and where its look changes. */
export interface Block {
	/** 0-based, of its first line among all that ever came. */
	first: number
	/** Its lines with a newline between them. */
	text: string
	/** Where each line begins in `text`. */
	starts: number[]
	streams: (Stream | "note")[]
	/** From `at` on the text looks so; before the first it is plain. */
	looks: { at: number; style: SpanStyle }[]
}

const BLOCK_TEXT = 64 * 1024
const BLOCK_LINES = 2048
const LINE_SIZE = 16
export const MAX_SIZE = 192 * 1024 * 1024
/** Longest line that is shown whole, characters: longer ones take a browser seconds to lay out. */
export const MAX_SHOWN = 4_000

const plain: SpanStyle = {}

export const emptyLog: OutputLog = {
	blocks: [],
	length: 0,
	dropped: 0,
	size: 0,
	ansi: { stdout: plainState, stderr: plainState },
}

/** The log after one more piece of output. */
export function appendOutput(log: OutputLog, stream: Stream, text: string, cutBytes = 0): OutputLog {
	const noted = cutBytes > 0 ? appendNote(log, `${cutBytes.toLocaleString("en")} bytes left out here`) : log
	const { state, spans } = parseAnsi(noted.ansi[stream], text.replace(/\r+\n/g, "\n"))
	const next = { ...noted, ansi: { ...noted.ansi, [stream]: state } }
	return spans.length === 0 ? next : writeSpans(next, stream, spans)
}

function appendNote(log: OutputLog, text: string): OutputLog {
	const noted = writeSpans({ ...log, open: undefined }, "note", [{ text }])
	return { ...noted, open: undefined }
}

function writeSpans(log: OutputLog, stream: Stream | "note", spans: Span[]): OutputLog {
	const blocks = log.blocks.slice()
	const before = log.dropped + log.length
	const last = blocks.pop()
	let block = last ? copyOf(last) : emptyBlock(before)
	let size = log.size
	let isOpen = log.open === stream
	const openLine = () => {
		if (block.starts.length >= BLOCK_LINES || block.text.length >= BLOCK_TEXT) {
			blocks.push(block)
			block = emptyBlock(block.first + block.starts.length)
		}
		if (block.starts.length > 0) block.text += "\n"
		block.starts.push(block.text.length)
		block.streams.push(stream)
		size += LINE_SIZE
		isOpen = true
	}
	for (const { text, ...style } of spans) {
		for (let at = 0; at < text.length; ) {
			const newline = text.indexOf("\n", at)
			const end = newline === -1 ? text.length : newline
			if (!isOpen) openLine()
			if (end > at) {
				setLook(block, style)
				block.text += text.slice(at, end)
				size += end - at
			}
			if (newline !== -1) isOpen = false
			at = end + 1
		}
	}
	blocks.push(block)
	const length = block.first + block.starts.length - log.dropped
	return dropOld({ ...log, blocks, length, size, open: isOpen && stream !== "note" ? stream : undefined })
}

function emptyBlock(first: number): Block {
	return { first, text: "", starts: [], streams: [], looks: [] }
}

function copyOf(block: Block): Block {
	const { starts, streams, looks } = block
	return { ...block, starts: starts.slice(), streams: streams.slice(), looks: looks.slice() }
}

function setLook({ looks, text }: Block, style: SpanStyle): void {
	const now = looks.at(-1)?.style ?? plain
	if (!isSameLook(now, style)) looks.push({ at: text.length, style })
}

function isSameLook(a: SpanStyle, b: SpanStyle): boolean {
	const keys = ["color", "bold", "dim", "italic", "underline", "inverse"] as const
	return keys.every((key) => (a[key] || undefined) === (b[key] || undefined))
}

function sizeOf({ text, starts }: Block): number {
	return text.length - (starts.length - 1) + starts.length * LINE_SIZE
}

function dropOld(log: OutputLog): OutputLog {
	let { size } = log
	let gone = 0
	while (size > MAX_SIZE && gone < log.blocks.length - 1) size -= sizeOf(log.blocks[gone++] as Block)
	if (gone === 0) return log
	const blocks = log.blocks.slice(gone)
	const dropped = blocks[0]?.first ?? 0
	return { ...log, blocks, size, dropped, length: log.length - (dropped - log.dropped) }
}

/** The line at a position of the log, 0-based. */
export function lineAt(log: OutputLog, index: number): OutputLine | undefined {
	const block = index < 0 || index >= log.length ? undefined : blockOf(log, log.dropped + index)
	return block && makeLine(block, log.dropped + index - block.first)
}

function blockOf({ blocks }: OutputLog, line: number): Block | undefined {
	let [low, high] = [0, blocks.length - 1]
	while (low < high) {
		const middle = (low + high + 1) >> 1
		if ((blocks[middle] as Block).first <= line) low = middle
		else high = middle - 1
	}
	return blocks[low]
}

function makeLine(block: Block, at: number): OutputLine {
	const start = block.starts[at] ?? 0
	const end = (block.starts[at + 1] ?? block.text.length + 1) - 1
	const shown = Math.min(end, start + MAX_SHOWN)
	const stream = block.streams[at] ?? "stdout"
	return { number: block.first + at + 1, stream, spans: spansOf(block, start, shown), hidden: end - shown }
}

function spansOf({ text, looks }: Block, start: number, end: number): Span[] {
	const spans: Span[] = []
	let at = start
	for (let next = looks.findLastIndex((look) => look.at <= start) + 1; at < end; next++) {
		const until = Math.min(end, looks[next]?.at ?? end)
		if (until > at) spans.push({ text: text.slice(at, until), ...looks[next - 1]?.style })
		at = until
	}
	return spans
}

/** The last lines of a log. */
export function lastLinesOf(log: OutputLog, count: number): OutputLine[] {
	const from = Math.max(0, log.length - count)
	return Array.from({ length: log.length - from }, (_, at) => lineAt(log, from + at) as OutputLine)
}

export function textOfLine({ spans }: OutputLine): string {
	return spans.map((span) => span.text).join("")
}

/** Everything kept, as plain text, for the clipboard. */
export function textOf(log: OutputLog): string {
	return log.blocks.map((block) => block.text).join("\n")
}

/** Numbers (0-based, of all that ever came) of a block's lines that contain a text in lower case, whatever their own case. */
export function findInBlock({ text, first }: Block, wanted: string): number[] {
	const found: number[] = []
	const lower = text.toLowerCase()
	let line = first
	let seen = 0
	for (let at = lower.indexOf(wanted); at !== -1; at = lower.indexOf(wanted, seen)) {
		for (let newline = lower.indexOf("\n", seen); newline !== -1 && newline < at; newline = lower.indexOf("\n", seen)) {
			line++
			seen = newline + 1
		}
		found.push(line)
		const end = lower.indexOf("\n", at)
		if (end === -1) break
		line++
		seen = end + 1
	}
	return found
}
