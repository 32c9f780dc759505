import type { Figure, Missing } from "./bench.ts"

const HEAD = ["bench", "measure", "ours", "the other", "", "ratio", "at most", "verdict"]
/** Columns of words; the others hold numbers and end where their heading ends. */
const WORDS = [0, 1, 4, 7]

/** What was measured, and what could not be, as lines of a table. */
export function makeTable(rows: readonly (Figure | Missing)[]): string[] {
	const cells = [HEAD, ...rows.map((row) => ("state" in row ? missingCells(row) : figureCells(row)))]
	const widths = HEAD.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)))
	return cells.map((row) =>
		row
			.map((cell, column) =>
				WORDS.includes(column) ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
			)
			.join("  ")
			.trimEnd(),
	)
}

function missingCells({ bench, state, why }: Missing): string[] {
	const [line = ""] = why.split("\n", 1)
	return [bench, "", "", "", "", "", "", `${state === "unable" ? "not run" : "BROKEN"}: ${line}`]
}

function figureCells(figure: Figure): string[] {
	const { bench, measure, unit, ours, other, ratio, atMost } = figure
	const limit = ratio === undefined ? withUnit : times
	return [
		bench,
		measure,
		withUnit(ours, unit),
		other ? withUnit(other.value, unit) : "",
		other?.what ?? "",
		ratio === undefined ? "" : times(ratio),
		atMost === undefined ? "" : limit(atMost, unit),
		verdictOf(figure),
	]
}

/** Whether it is what was promised. */
export function verdictOf({ passed, atMost }: Pick<Figure, "passed" | "atMost">): string {
	if (atMost === undefined) return "MISSED: no figure is committed"
	return passed ? "met" : "MISSED"
}

/** 0 when every bench met its targets or cannot be run here, 1 when one missed one, 2 when one broke. */
export function exitOf(rows: readonly (Figure | Missing)[]): 0 | 1 | 2 {
	if (rows.some((row) => "state" in row && row.state === "broken")) return 2
	return rows.some((row) => "passed" in row && !row.passed) ? 1 : 0
}

function times(value: number): string {
	return `${value.toFixed(2)} x`
}

function withUnit(value: number, unit: Figure["unit"]): string {
	return `${value >= 100 ? value.toFixed(0) : value.toFixed(1)} ${unit}`
}
