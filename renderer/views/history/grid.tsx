import { useVirtualizer } from "@tanstack/react-virtual"
import { type FocusEvent, type KeyboardEvent, type MouseEvent, memo, useRef, useState } from "react"
import type { GridCell, HistoryGrid } from "../../../core/schema/history-grid.ts"
import type { Reason } from "../../../core/schema/outcome.ts"
import { formatMoment } from "../../components/format.ts"
import { lookOf, toned } from "../../components/outcome.tsx"
import { hashOf } from "../../stores/route.ts"
import { setFilters } from "./filters.ts"
import classes from "./grid.module.css"
import { ActionsMenu, type PoolOfRun } from "./pool-actions.tsx"
import { RowMarks } from "./row-marks.tsx"

const ROW_PIXELS = 32
const CELL_PIXELS = 40
const NAME_PIXELS = 220
const ARROWS: Record<string, [down: number, right: number]> = {
	ArrowDown: [1, 0],
	ArrowUp: [-1, 0],
	ArrowRight: [0, 1],
	ArrowLeft: [0, -1],
	PageDown: [15, 0],
	PageUp: [-15, 0],
}

/** Where every pool stands on every appliance; arrow keys go from cell to cell, Enter opens the record, the menu key what can be done. */
export function Grid({ grid: { pools, appliances }, none }: { grid: HistoryGrid; none: string }) {
	const box = useRef<HTMLDivElement>(null)
	const [at, setAt] = useState({ row: 0, column: 0 })
	const [menu, setMenu] = useState<MenuAt>()
	const rows = useVirtualizer({
		count: appliances.length,
		getScrollElement: () => box.current,
		estimateSize: () => ROW_PIXELS,
		overscan: 8,
	})
	const go = (event: KeyboardEvent) => {
		const arrow = ARROWS[event.key]
		if (!arrow) return
		event.preventDefault()
		const row = clamp(at.row + arrow[0], appliances.length)
		const column = clamp(at.column + arrow[1], pools.length)
		setAt({ row, column })
		rows.scrollToIndex(row)
		// The row may only be there after it was scrolled to.
		requestAnimationFrame(() => focusCell(box.current, row, column))
	}
	const follow = (event: FocusEvent) => {
		const place = placeOf(event.target)
		if (place) setAt(place)
	}
	/** By the mouse's second button, or the keyboard's menu key. */
	const openMenu = (event: MouseEvent) => {
		const mark = event.target instanceof Element ? event.target.closest(`.${classes.mark}`) : null
		const { row, column } = placeOf(mark) ?? { row: -1, column: -1 }
		const [appliance, pool] = [appliances[row], pools[column]?.pool]
		const cell = appliance?.cells[column]
		if (!mark || !appliance || !cell || pool === undefined) return
		event.preventDefault()
		const { right, bottom } = mark.getBoundingClientRect()
		setMenu({ of: { runId: cell.runId, pool, applianceName: appliance.name }, x: right, y: bottom, opened: true })
	}
	const shown = rows.getVirtualItems().flatMap(({ index }) => {
		const appliance = appliances[index]
		return appliance ? [{ index, appliance }] : []
	})
	return (
		<>
			{/* biome-ignore lint/a11y/noStaticElementInteractions: what happens to the table's cells comes up to here */}
			<div ref={box} className={classes.box} onKeyDown={go} onFocus={follow} onContextMenu={openMenu}>
				<table
					className={classes.grid}
					aria-label="Pools on appliances"
					aria-rowcount={appliances.length + 1}
					style={{ width: NAME_PIXELS + pools.length * CELL_PIXELS }}
				>
					<thead>
						<tr aria-rowindex={1}>
							<th className={classes.corner}>Appliance</th>
							{pools.map(({ pool, moduleName }) => (
								<th key={`${moduleName} ${pool}`} title={`${pool}, of ${moduleName}`} className={classes.pool}>
									<button
										type="button"
										className={classes.over}
										aria-label={`${pool} over time`}
										onClick={() => setFilters({ shape: "time", pool, moduleName })}
									>
										{pool}
									</button>
								</th>
							))}
						</tr>
					</thead>
					<tbody style={{ height: rows.getTotalSize() }}>
						{/* What is seen of the names: one part that stays in view is drawn quickly, one in each row is not. */}
						<tr aria-hidden className={classes.names}>
							{shown.map(({ index, appliance }) => (
								<td key={appliance.id} title={appliance.name} style={{ top: index * ROW_PIXELS }}>
									{appliance.name}
								</td>
							))}
						</tr>
						{shown.map(({ index, appliance }) => (
							<Row
								key={appliance.id}
								index={index}
								appliance={appliance}
								pools={pools}
								none={none}
								current={at.row === index ? at.column : undefined}
							/>
						))}
					</tbody>
				</table>
			</div>
			{menu && (
				<ActionsMenu
					key={`${menu.of.runId} ${menu.of.pool}`}
					of={menu.of}
					opened={menu.opened}
					onClose={() => setMenu({ ...menu, opened: false })}
				>
					<span className={classes.anchor} style={{ left: menu.x, top: menu.y }} />
				</ActionsMenu>
			)}
		</>
	)
}

/** Where the actions of a cell are shown; they stay after the menu is closed, as their dialog may be open. */
type MenuAt = { of: PoolOfRun; x: number; y: number; opened: boolean }

interface RowProps {
	index: number
	appliance: HistoryGrid["appliances"][number]
	pools: HistoryGrid["pools"]
	/** What an empty cell says. */
	none: string
	/** The column that keys reach, where it is in this row. */
	current: number | undefined
}

/** Drawn anew only when what it shows has changed: scrolling brings rows, and leaves the others alone. */
const Row = memo(function Row({ index, appliance: { name, cells }, pools, none, current }: RowProps) {
	return (
		<tr aria-rowindex={index + 2} style={{ top: index * ROW_PIXELS }}>
			<th scope="row" aria-label={name} className={classes.appliance}>
				<RowMarks cells={cells} cellPixels={CELL_PIXELS} rowPixels={ROW_PIXELS} />
			</th>
			{cells.map((cell, column) => {
				const pool = pools[column]?.pool ?? ""
				const words = { where: `${pool} on ${name}`, pool, none }
				const focus = { "data-place": `${index} ${column}`, tabIndex: current === column ? 0 : -1 }
				// biome-ignore lint/suspicious/noArrayIndexKey: a cell is its column
				return <td key={column}>{cell ? drawCell(cell, words, focus) : drawNone(words, focus)}</td>
			})}
		</tr>
	)
})

type Words = { where: string; pool: string; none: string }
type Focus = { "data-place": string; tabIndex: number }

function drawCell(cell: GridCell, { where, pool }: Words, focus: Focus) {
	const { outcome, kind, phase, moduleVersion, finishedAt, runId } = cell
	const look = lookOf(outcome, phase && ({ phase, message: "" } satisfies Reason), kind)
	const words = `${where}: ${look.word}, ${moduleVersion}, ${formatMoment(finishedAt)}`
	return (
		<a
			href={hashOf({ view: "record", run: runId, pool })}
			className={`${classes.mark} ${toned}`}
			data-tone={look.tone}
			aria-label={words}
			title={words}
			{...focus}
		/>
	)
}

function drawNone({ where, none }: Words, focus: Focus) {
	return (
		<span role="note" className={classes.none} aria-label={`${where}: ${none}`} {...focus}>
			·
		</span>
	)
}

function placeOf(element: Element | null): { row: number; column: number } | undefined {
	const [row, column] = element instanceof HTMLElement ? (element.dataset.place?.split(" ").map(Number) ?? []) : []
	return row === undefined || column === undefined ? undefined : { row, column }
}

function focusCell(box: HTMLElement | null, row: number, column: number): void {
	box?.querySelector<HTMLElement>(`[data-place="${row} ${column}"]`)?.focus()
}

function clamp(index: number, count: number): number {
	return Math.max(0, Math.min(count - 1, index))
}
