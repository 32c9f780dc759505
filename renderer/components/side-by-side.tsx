import { Fragment, useMemo } from "react"
import { unifiedDiff } from "../../core/schema/unified-diff.ts"
import classes from "./side-by-side.module.css"
import { type Row, rowsOf } from "./side-by-side-rows.ts"

const MAX_ROWS = 2000

/** Two texts beside each other, only what differs with some lines around it. */
export function SideBySide(props: { left: string; right: string; leftTitle: string; rightTitle: string }) {
	const { left, right, leftTitle, rightTitle } = props
	const rows = useMemo(() => rowsOf(unifiedDiff(left, right, { before: "left", after: "right" })), [left, right])
	if (rows.length === 0) return <p className={classes.same}>Both are the same.</p>
	return (
		// biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
		<section className={classes.scroll} aria-label={`${leftTitle} beside ${rightTitle}`} tabIndex={0}>
			<div className={classes.grid}>
				<div className={classes.title}>{leftTitle}</div>
				<div className={classes.title}>{rightTitle}</div>
				{rows.slice(0, MAX_ROWS).map((row, index) => (
					// biome-ignore lint/suspicious/noArrayIndexKey: rows have no other identity and never move
					<RowCells key={index} row={row} />
				))}
			</div>
			{rows.length > MAX_ROWS && (
				<p className={classes.same}>{rows.length - MAX_ROWS} more lines are not shown here.</p>
			)}
		</section>
	)
}

function RowCells({ row }: { row: Row }) {
	if (row.kind === "gap") return <div className={classes.gap}>{row.text}</div>
	return (
		<Fragment>
			<Cell sign="−" kind="removed" side={row.left} changed={row.kind === "changed"} />
			<Cell sign="+" kind="added" side={row.right} changed={row.kind === "changed"} />
		</Fragment>
	)
}

interface CellProps {
	sign: string
	kind: "added" | "removed"
	side: { line: number; text: string } | undefined
	changed: boolean
}

function Cell({ sign, kind, side, changed }: CellProps) {
	return (
		<div className={classes.cell} data-kind={changed ? (side ? kind : "none") : "same"}>
			<span className={classes.number}>{side?.line}</span>
			<span className={classes.sign}>{changed && side ? sign : ""}</span>
			<code className={classes.text}>{side?.text}</code>
		</div>
	)
}
