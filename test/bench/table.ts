import type { Figure } from "./bench.ts"

const HEAD = ["bench", "measure", "ours", "the other", "", "ratio", "at most", "verdict"]
/** Columns of words; the others hold numbers and end where their heading ends. */
const WORDS = [0, 1, 4, 7]

/** The figures as lines of a table. */
export function makeTable(figures: Figure[]): string[] {
	const rows = [HEAD, ...figures.map(rowOf)]
	const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
	return rows.map((row) =>
		row
			.map((cell, column) =>
				WORDS.includes(column) ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
			)
			.join("  ")
			.trimEnd(),
	)
}

function rowOf(figure: Figure): string[] {
	const { bench, measure, unit, ours, other, ratio, atMost, passed } = figure
	return [
		bench,
		measure,
		withUnit(ours, unit),
		other ? withUnit(other.median, unit) : "",
		other?.what ?? "",
		ratio === undefined ? "" : `${ratio.toFixed(2)} x`,
		ratio === undefined ? withUnit(atMost, unit) : `${atMost.toFixed(2)} x`,
		passed ? "met" : "MISSED",
	]
}

function withUnit(value: number, unit: Figure["unit"]): string {
	return `${value >= 100 ? value.toFixed(0) : value.toFixed(1)} ${unit}`
}
