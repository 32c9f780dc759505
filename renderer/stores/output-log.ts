import { type AnsiState, parseAnsi, plainState, type Span } from "./ansi.ts"

export type Stream = "stdout" | "stderr"

/** One line of output; `note` lines are ours and say what was left out. */
export interface OutputLine {
	number: number
	stream: Stream | "note"
	spans: Span[]
}

/**
 * A command's output as lines. Blocks make appending cheap without changing what was handed out before: only the last
 * block is copied. At most `MAX_LINES` are kept in the interface; the record keeps them all.
 */
export interface OutputLog {
	blocks: OutputLine[][]
	length: number
	/** Lines dropped at the beginning, to keep memory bounded. */
	dropped: number
	/** The stream whose last line has not ended yet. */
	open?: Stream
	ansi: Record<Stream, AnsiState>
}

const BLOCK = 256
export const MAX_LINES = 20_000
const MAX_LINE_LENGTH = 4_000

export const emptyLog: OutputLog = {
	blocks: [],
	length: 0,
	dropped: 0,
	ansi: { stdout: plainState, stderr: plainState },
}

/** The log after one more piece of output. */
export function appendOutput(log: OutputLog, stream: Stream, text: string, cutBytes = 0): OutputLog {
	const noted = cutBytes > 0 ? appendNote(log, `${cutBytes.toLocaleString("en")} bytes left out here`) : log
	const parsed = parseAnsi(noted.ansi[stream], text.replace(/\r+\n/g, "\n"))
	const lines = splitLines(parsed.spans)
	const next = { ...noted, ansi: { ...noted.ansi, [stream]: parsed.state } }
	return lines.length === 0 ? next : appendLines(next, stream, lines)
}

function appendNote(log: OutputLog, text: string): OutputLog {
	return pushLines({ ...log, open: undefined }, [{ stream: "note", spans: [{ text }] }])
}

/** Spans per line; the last entry is the beginning of a line that goes on. */
function splitLines(spans: Span[]): Span[][] {
	const lines: Span[][] = []
	let line: Span[] | undefined
	for (const span of spans) {
		span.text.split("\n").forEach((text, index) => {
			if (index > 0 || !line) {
				line = []
				lines.push(line)
			}
			if (text) line.push({ ...span, text })
		})
	}
	return lines
}

function appendLines(log: OutputLog, stream: Stream, lines: Span[][]): OutputLog {
	const last = log.blocks.at(-1)?.at(-1)
	const joins = last !== undefined && log.open === stream
	const fresh = (joins ? lines.slice(1) : lines).map((spans) => ({ stream, spans: cutLine(spans) }))
	const joined = joins ? replaceLast(log, { ...last, spans: cutLine([...last.spans, ...(lines[0] ?? [])]) }) : log
	const pushed = pushLines(joined, fresh)
	// A chunk that ends in a newline leaves an empty last entry: it is the next line's beginning, not a line.
	const ended = lines.at(-1)?.length === 0
	return ended && fresh.length > 0 ? { ...dropLast(pushed), open: undefined } : { ...pushed, open: stream }
}

function cutLine(spans: Span[]): Span[] {
	let room = MAX_LINE_LENGTH
	const kept: Span[] = []
	for (const span of spans) {
		if (room <= 0) break
		kept.push(span.text.length > room ? { ...span, text: `${span.text.slice(0, room)} …` } : span)
		room -= span.text.length
	}
	return kept
}

function replaceLast(log: OutputLog, line: OutputLine): OutputLog {
	const block = log.blocks.at(-1) ?? []
	return { ...log, blocks: [...log.blocks.slice(0, -1), [...block.slice(0, -1), line]] }
}

function dropLast(log: OutputLog): OutputLog {
	const block = (log.blocks.at(-1) ?? []).slice(0, -1)
	const blocks = block.length === 0 ? log.blocks.slice(0, -1) : [...log.blocks.slice(0, -1), block]
	return { ...log, blocks, length: log.length - 1 }
}

function pushLines(log: OutputLog, lines: Omit<OutputLine, "number">[]): OutputLog {
	const blocks = [...log.blocks]
	let length = log.length
	let block = blocks.pop()?.slice() ?? []
	for (const line of lines) {
		if (block.length === BLOCK) {
			blocks.push(block)
			block = []
		}
		length += 1
		block.push({ ...line, number: log.dropped + length })
	}
	if (block.length > 0) blocks.push(block)
	return dropOld({ ...log, blocks, length })
}

function dropOld(log: OutputLog): OutputLog {
	if (log.length <= MAX_LINES) return log
	const surplus = Math.ceil((log.length - MAX_LINES) / BLOCK)
	const gone = surplus * BLOCK
	return { ...log, blocks: log.blocks.slice(surplus), length: log.length - gone, dropped: log.dropped + gone }
}

/** The line at a position of the log, 0-based. */
export function lineAt(log: OutputLog, index: number): OutputLine | undefined {
	return log.blocks[Math.floor(index / BLOCK)]?.[index % BLOCK]
}

/** All lines as plain text, for the clipboard. */
export function textOf(log: OutputLog): string {
	return log.blocks
		.flat()
		.map((line) => line.spans.map((span) => span.text).join(""))
		.join("\n")
}

/** Positions of the lines that contain a text, ignoring case. */
export function findLines(log: OutputLog, search: string): number[] {
	const wanted = search.toLowerCase()
	return log.blocks.flat().flatMap((line, index) => {
		const text = line.spans.map((span) => span.text).join("")
		return text.toLowerCase().includes(wanted) ? [index] : []
	})
}
