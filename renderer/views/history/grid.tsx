import { useVirtualizer } from "@tanstack/react-virtual"
import { type KeyboardEvent, type MouseEvent, memo, useRef, useState } from "react"
import type { GridCell, HistoryGrid } from "../../../core/schema/history-grid.ts"
import type { Reason } from "../../../core/schema/outcome.ts"
import { formatMoment } from "../../components/format.ts"
import { lookOf, toned } from "../../components/outcome.tsx"
import { hashOf } from "../../stores/route.ts"
import { setFilters } from "./filters.ts"
import classes from "./grid.module.css"
import { ActionsMenu, type PoolOfRun } from "./pool-actions.tsx"

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
		overscan: 12,
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
	const shown = rows.getVirtualItems()
	const [first, last] = [shown[0], shown.at(-1)]
	return (
		<>
			{/* biome-ignore lint/a11y/noStaticElementInteractions: keys of the table's cells come up to here */}
			<div ref={box} className={classes.box} onKeyDown={go}>
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
					<tbody>
						<Gap pixels={first?.start ?? 0} />
						{shown.map(({ index }) => {
							const appliance = appliances[index]
							if (!appliance) return null
							return (
								<tr key={appliance.id} aria-rowindex={index + 2} style={{ height: ROW_PIXELS }}>
									<th scope="row" className={classes.appliance} title={appliance.name}>
										{appliance.name}
									</th>
									{appliance.cells.map((cell, column) => (
										<Cell
											// biome-ignore lint/suspicious/noArrayIndexKey: a cell is its column
											key={column}
											cell={cell}
											pool={pools[column]?.pool ?? ""}
											appliance={appliance.name}
											place={`${index} ${column}`}
											none={none}
											isCurrent={at.row === index && at.column === column}
											onFocus={() => setAt({ row: index, column })}
											onMenu={setMenu}
										/>
									))}
								</tr>
							)
						})}
						<Gap pixels={rows.getTotalSize() - (last?.end ?? 0)} />
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

/** The rows that are not drawn. */
function Gap({ pixels }: { pixels: number }) {
	return pixels > 0 ? <tr aria-hidden style={{ height: pixels }} /> : null
}

interface CellProps {
	cell: GridCell | null
	pool: string
	appliance: string
	place: string
	/** What an empty cell says. */
	none: string
	isCurrent: boolean
	onFocus(): void
	onMenu(at: MenuAt): void
}

/**
 * A cell is drawn anew only when what it shows has changed: scrolling brings rows, and leaves the others alone. What it
 * does at an event depends on its place alone, so that an older function is as good as a newer one.
 */
const Cell = memo(OneCell, (before: CellProps, now: CellProps) =>
	(Object.keys(now) as (keyof CellProps)[]).every(
		(name) => typeof now[name] === "function" || before[name] === now[name],
	),
)

function OneCell(props: CellProps) {
	const { cell, pool, appliance, place, none, isCurrent, onFocus, onMenu } = props
	const focus = { "data-place": place, tabIndex: isCurrent ? 0 : -1, onFocus }
	const where = `${pool} on ${appliance}`
	if (!cell) {
		return (
			<td className={classes.none}>
				<span role="note" aria-label={`${where}: ${none}`} {...focus}>
					·
				</span>
			</td>
		)
	}
	const { outcome, kind, phase, moduleVersion, finishedAt, runId } = cell
	const look = lookOf(outcome, phase && ({ phase, message: "" } satisfies Reason), kind)
	const words = `${where}: ${look.word}, ${moduleVersion}, ${formatMoment(finishedAt)}`
	/** By the mouse's second button, or the keyboard's menu key. */
	const openMenu = (event: MouseEvent<HTMLElement>) => {
		event.preventDefault()
		const { right, bottom } = event.currentTarget.getBoundingClientRect()
		onMenu({ of: { runId, pool, applianceName: appliance }, x: right, y: bottom, opened: true })
	}
	return (
		<td>
			<a
				onContextMenu={openMenu}
				href={hashOf({ view: "record", run: runId, pool })}
				className={`${classes.mark} ${toned}`}
				data-tone={look.tone}
				aria-label={words}
				title={words}
				{...focus}
			>
				<span aria-hidden>{look.icon}</span>
			</a>
		</td>
	)
}

function focusCell(box: HTMLElement | null, row: number, column: number): void {
	box?.querySelector<HTMLElement>(`[data-place="${row} ${column}"]`)?.focus()
}

function clamp(index: number, count: number): number {
	return Math.max(0, Math.min(count - 1, index))
}
