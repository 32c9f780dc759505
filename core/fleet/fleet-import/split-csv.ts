/** A record of a CSV text, and the line in which it begins. */
export interface CsvRecord {
	line: number
	cells: string[]
	/** Numbers of the cells that stood in quotation marks: blanks around what is in them are meant. */
	quoted: Set<number>
	/** Why it makes no sense; the cells are worth nothing then. */
	fault?: string
}

/**
 * Splits a CSV text (RFC 4180) into records. Strict: a quotation mark within a bare cell, or text behind a quoted one, is a
 * fault of that record. An open one swallows the rest of the text. Empty lines are left out.
 */
export function* splitCsv(text: string, separators: string): Generator<CsvRecord> {
	let at = 0
	let line = 1
	while (at < text.length) {
		const record: CsvRecord = { line, cells: [], quoted: new Set() }
		const end = readRecord(text, at, separators, record)
		line += countLines(text, at, end)
		at = end
		if (record.fault !== undefined || record.cells.length > 1 || record.cells[0] !== "") yield record
	}
}

/** Fills the record; resolves to where the next one begins. */
function readRecord(text: string, start: number, separators: string, record: CsvRecord): number {
	let at = start
	for (;;) {
		const isQuoted = text[at] === '"'
		const cell = isQuoted ? readQuoted(text, at) : readBare(text, at, separators)
		if (isQuoted) record.quoted.add(record.cells.length)
		if (cell.fault !== undefined) record.fault = cell.fault
		record.cells.push(cell.text)
		at = cell.end
		const next = text[at]
		if (next !== undefined && separators.includes(next)) {
			at++
			continue
		}
		if (next === undefined) return at
		if (next === "\n") return at + 1
		if (next === "\r") return text[at + 1] === "\n" ? at + 2 : at + 1
		record.fault = "there is text behind the quotation mark that ends a cell"
		return lineEnd(text, at)
	}
}

interface Cell {
	text: string
	end: number
	fault?: string
}

function readQuoted(text: string, start: number): Cell {
	let at = start + 1
	for (;;) {
		const quote = text.indexOf('"', at)
		if (quote < 0) return { text: "", end: text.length, fault: "a quotation mark is never closed" }
		if (text[quote + 1] !== '"') return { text: text.slice(start + 1, quote).replaceAll('""', '"'), end: quote + 1 }
		at = quote + 2
	}
}

function readBare(text: string, start: number, separators: string): Cell {
	let end = start
	while (end < text.length && !separators.includes(text[end] ?? "") && !/[\r\n]/.test(text[end] ?? "")) end++
	const cell = text.slice(start, end)
	if (!cell.includes('"')) return { text: cell, end }
	return { text: cell, end, fault: "a quotation mark stands within a cell that does not begin with one" }
}

/** Where the line after this place begins. */
function lineEnd(text: string, at: number): number {
	const end = text.indexOf("\n", at)
	return end < 0 ? text.length : end + 1
}

function countLines(text: string, start: number, end: number): number {
	let lines = 0
	for (let at = start; at < end; at++) {
		if (text[at] === "\n" || (text[at] === "\r" && text[at + 1] !== "\n")) lines++
	}
	return lines
}
