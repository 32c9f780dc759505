import { plainLines } from "./plain-text.ts"

/** What a spreadsheet would take for a formula. */
const FORMULA = /^[=+\-@\t\r]/

/** One line of CSV (RFC 4180), without its end; texts from outside stay texts in a spreadsheet, and move no cursor. */
export function csvLine(cells: readonly (string | number | undefined)[]): string {
	return cells.map(csvCell).join(",")
}

function csvCell(cell: string | number | undefined): string {
	if (typeof cell !== "string") return String(cell ?? "")
	const plain = plainLines(cell)
	const text = FORMULA.test(cell) || FORMULA.test(plain) ? `'${plain}` : plain
	return /[",\r\n]/.test(text) || text !== text.trim() ? `"${text.replaceAll('"', '""')}"` : text
}
