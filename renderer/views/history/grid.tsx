import { useVirtualizer, type Virtualizer } from "@tanstack/react-virtual"
import { type FocusEvent, type KeyboardEvent, type MouseEvent, memo, useRef, useState } from "react"
import type { GridCell, HistoryGrid } from "../../../core/schema/history-grid.ts"
import type { Reason } from "../../../core/schema/outcome.ts"
import { formatMoment } from "../../components/format.ts"
import { lookOf } from "../../components/outcome.tsx"
import { goTo } from "../../stores/route.ts"
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
	const columns = useVirtualizer({
		horizontal: true,
		count: pools.length,
		getScrollElement: () => box.current,
		estimateSize: () => CELL_PIXELS,
		paddingStart: NAME_PIXELS,
		scrollPaddingStart: NAME_PIXELS,
		overscan: 2,
	})
	const cellOf = (target: EventTarget) => {
		const place = placeOf(target)
		const [appliance, pool] = [appliances[place?.row ?? -1], pools[place?.column ?? -1]?.pool]
		const cell = place && appliance?.cells[place.column]
		return cell && pool !== undefined ? { runId: cell.runId, pool, applianceName: appliance.name } : undefined
	}
	const open = (target: EventTarget) => {
		const of = cellOf(target)
		if (of) goTo({ view: "record", run: of.runId, pool: of.pool })
	}
	const go = (event: KeyboardEvent) => {
		// Those are the browser's: Alt+Left goes back.
		if (event.altKey || event.ctrlKey || event.metaKey) return
		if (event.key === "Enter") return open(event.target)
		const arrow = ARROWS[event.key]
		if (!arrow) return
		event.preventDefault()
		const row = clamp(at.row + arrow[0], appliances.length)
		const column = clamp(at.column + arrow[1], pools.length)
		setAt({ row, column })
		rows.scrollToIndex(row)
		columns.scrollToIndex(column)
		// The cell may only be there after it was scrolled to.
		requestAnimationFrame(() => focusCell(box.current, row, column))
	}
	const follow = (event: FocusEvent) => {
		const place = placeOf(event.target)
		if (place) setAt(place)
	}
	/** By the mouse's second button, or the keyboard's menu key. */
	const openMenu = (event: MouseEvent) => {
		const of = cellOf(event.target)
		if (!of || !(event.target instanceof Element)) return
		event.preventDefault()
		const { right, bottom } = event.target.getBoundingClientRect()
		setMenu({ of, x: right, y: bottom, opened: true })
	}
	const shown = rows.getVirtualItems().flatMap(({ index }) => {
		const appliance = appliances[index]
		return appliance ? [{ index, appliance }] : []
	})
	const [first, last] = endsOf(columns.getVirtualItems())
	// Where Tab comes in: of what is seen, when the cell that it left is not.
	const stop = {
		row: within(at.row, ...seenOf(rows, ROW_PIXELS)),
		column: within(at.column, ...seenOf(columns, CELL_PIXELS)),
	}
	return (
		<>
			{/* biome-ignore lint/a11y/noStaticElementInteractions: what happens to the grid's cells comes up to here */}
			<div
				ref={box}
				className={classes.box}
				onKeyDown={go}
				onFocus={follow}
				onClick={({ target }) => open(target)}
				onContextMenu={openMenu}
			>
				<table
					// biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: arrow keys go through its cells, which is what a grid is
					role="grid"
					className={classes.grid}
					aria-label="Pools on appliances"
					aria-rowcount={appliances.length + 1}
					aria-colcount={pools.length + 1}
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
								first={first}
								last={last}
								none={none}
								current={stop.row === index ? stop.column : undefined}
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
	/** The columns that are drawn, both included. */
	first: number
	last: number
	/** What an empty cell says. */
	none: string
	/** The column that keys reach, where it is in this row. */
	current: number | undefined
}

/**
 * A cell is one element, which is what a thousand of them on one screen allow. Drawn anew only when what it shows has changed: scrolling down brings rows, and leaves the others alone.
 */
const Row = memo(function Row({ index, appliance: { name, cells }, pools, first, last, none, current }: RowProps) {
	const drawn = cells.slice(first, last + 1)
	return (
		<tr aria-rowindex={index + 2} style={{ top: index * ROW_PIXELS }}>
			<th
				scope="row"
				aria-label={name}
				className={classes.appliance}
				style={{ width: NAME_PIXELS + first * CELL_PIXELS }}
			>
				<RowMarks cells={drawn} cellPixels={CELL_PIXELS} rowPixels={ROW_PIXELS} />
			</th>
			{drawn.map((cell, place) => {
				const column = first + place
				const words = wordsOf(cell, `${pools[column]?.pool ?? ""} on ${name}`, none)
				return (
					<td
						key={column}
						aria-colindex={column + 2}
						aria-label={words}
						title={cell ? words : undefined}
						data-place={`${index} ${column}`}
						tabIndex={current === column ? 0 : -1}
						className={cell ? classes.ran : classes.none}
					>
						{cell ? null : "·"}
					</td>
				)
			})}
		</tr>
	)
})

function wordsOf(cell: GridCell | null, where: string, none: string): string {
	if (!cell) return `${where}: ${none}`
	const { outcome, kind, phase, moduleVersion, finishedAt } = cell
	const { word } = lookOf(outcome, phase && ({ phase, message: "" } satisfies Reason), kind)
	return `${where}: ${word}, ${moduleVersion}, ${formatMoment(finishedAt)}`
}

function placeOf(element: EventTarget): { row: number; column: number } | undefined {
	const [row, column] = element instanceof HTMLElement ? (element.dataset.place?.split(" ").map(Number) ?? []) : []
	return row === undefined || column === undefined ? undefined : { row, column }
}

function focusCell(box: HTMLElement | null, row: number, column: number): void {
	box?.querySelector<HTMLElement>(`[data-place="${row} ${column}"]`)?.focus()
}

/** The first and the last index; nothing, where there is none. */
function endsOf(items: readonly { index: number }[]): [first: number, last: number] {
	return [items[0]?.index ?? 0, items.at(-1)?.index ?? -1]
}

/** The first and the last that are not under the head or the names, which stay in view. */
function seenOf({ scrollOffset, range }: Virtualizer<HTMLDivElement, Element>, pixels: number): [number, number] {
	const first = Math.ceil((scrollOffset ?? 0) / pixels)
	return [first, Math.max(first, range?.endIndex ?? first)]
}

function within(index: number, first: number, last: number): number {
	return Math.max(first, Math.min(last, index))
}

function clamp(index: number, count: number): number {
	return within(index, 0, count - 1)
}
