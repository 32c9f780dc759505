import type { GridCell } from "../../../core/schema/history-grid.ts"
import type { PoolOutcome } from "../../../core/schema/outcome.ts"
import { lookOf, toned } from "../../components/outcome.tsx"
import classes from "./grid.module.css"

/** The icons of `lookOf` as one line each, in a square of 24, from its upper left corner. */
const shapes: Record<PoolOutcome, string> = {
	applied: "m5 12 5 5 10-10",
	unchanged: "m5 10h14m-14 4h14",
	failed: "m9 14-4-4 4-4m-4 4h11a4 4 0 1 1 0 8h-1",
	degraded: "m8 3h8l5 5v8l-5 5h-8l-5-5v-8zm4 5v4m0 4v.01",
	skipped: "m12 4v.01m5.7 2.3v.01m2.3 5.7v.01m-2.3 5.7v.01m-5.7 2.3v.01m-5.7-2.3v.01m-2.3-5.7v.01m2.3-5.7v.01",
}
const SQUARE = 24
const ICON_PIXELS = 14
/** Behind an icon, in the same square: 28 by 24 pixels with round corners. */
const PATCH = "m2-8.6h20q10.3 0 10.3 10.3v20.6q0 10.3-10.3 10.3h-20q-10.3 0-10.3-10.3v-20.6q0-10.3 10.3-10.3z"

/**
 * The icons of a row's cells as one drawing of a few paths: a browser keeps a part of its own for every drawing on the
 * page, and with one in each cell putting these together took longer than all else. Their patches are in it too, since a
 * cell that sets a colour of its own costs a style of its own.
 */
export function RowMarks(props: { cells: readonly (GridCell | null)[]; cellPixels: number; rowPixels: number }) {
	const { cells, cellPixels, rowPixels } = props
	const unit = SQUARE / ICON_PIXELS
	const [width, height] = [cells.length * cellPixels, rowPixels]
	return (
		<svg aria-hidden className={classes.marks} {...{ width, height }} viewBox={`0 0 ${width * unit} ${height * unit}`}>
			{pathsOf(cells, cellPixels * unit, rowPixels * unit).map(({ tone, patches, icons }) => (
				<g key={tone} className={toned} data-tone={tone}>
					<path className={classes.patches} d={patches} />
					<path className={classes.icons} d={icons} />
				</g>
			))}
		</svg>
	)
}

/** For each tone the icons of all its cells as one path, and what lies behind them as another. */
export function pathsOf(
	cells: readonly (GridCell | null)[],
	cellSize: number,
	rowSize: number,
): { tone: string; patches: string; icons: string }[] {
	const paths = new Map<string, { tone: string; patches: string; icons: string }>()
	for (const [column, cell] of cells.entries()) {
		if (!cell) continue
		const { tone } = lookOf(cell.outcome, undefined, cell.kind)
		const [x, y] = [column * cellSize + (cellSize - SQUARE) / 2, (rowSize - SQUARE) / 2]
		const corner = `M${x.toFixed(1)} ${y.toFixed(1)}`
		const { patches, icons } = paths.get(tone) ?? { patches: "", icons: "" }
		paths.set(tone, { tone, patches: patches + corner + PATCH, icons: icons + corner + shapeOf(cell) })
	}
	return [...paths.values()]
}

function shapeOf({ outcome, kind }: GridCell): string {
	return outcome === "applied" && kind === "revert" ? shapes.failed : shapes[outcome]
}
