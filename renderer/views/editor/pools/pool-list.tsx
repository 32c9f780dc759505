import { Button, Tooltip } from "@mantine/core"
import { IconFlagCheck, IconPlus, IconSettings } from "@tabler/icons-react"
import { useVirtualizer } from "@tanstack/react-virtual"
import { type KeyboardEvent, useEffect, useMemo, useRef } from "react"
import { flushSync } from "react-dom"
import { type Editing, poolsOf } from "../../../stores/module-document.ts"
import { useKeys } from "../../shell/shortcuts.tsx"
import { focusField, useDocument, useEditing } from "../context.ts"
import classes from "../editor.module.css"
import { countByPart } from "../finding-counts.ts"
import { isArrow, pressArrow } from "../list-arrows.ts"
import panes from "../panes.module.css"
import { makePoolActions, nameOf, type PoolActions } from "./pool-actions.ts"
import { PartButton, PoolRow } from "./pool-row.tsx"

const ROW_PIXELS = 46

/** The module's parts in their order. The pools are a list box: arrow keys choose, Alt and an arrow key moves. */
export function PoolList() {
	const document = useDocument()
	const pools = useEditing(({ value }) => poolsOf(value))
	const selected = useEditing((editing) => editing.selected)
	const checked = useEditing(({ checked }) => checked)
	const counts = useMemo(() => countByPart(checked.findings), [checked])
	const actions = useMemo(() => makePoolActions(document), [document])
	const add = () => {
		flushSync(actions.add)
		focusField(["pools", poolsOf(valueNow(document)).length - 1, "id"])
	}
	useKeys({ n: add })
	return (
		<nav className={panes.parts} aria-label="Parts of the module">
			<PartButton
				icon={<IconSettings size={15} aria-hidden />}
				label="Module"
				isSelected={selected.part === "module"}
				counts={counts.module}
				onClick={() => document.select({ part: "module" })}
			/>
			<div className={panes.partsHead}>
				<h2 className={panes.partsTitle} id="pools-title">
					Pools <span className={classes.hint}>{pools.length}</span>
				</h2>
				<Tooltip label="Add a pool (n)">
					<Button size="compact-xs" variant="default" leftSection={<IconPlus size={13} />} onClick={add}>
						Add a pool
					</Button>
				</Tooltip>
			</div>
			<Rows
				pools={pools}
				chosen={selected.part === "pool" ? selected.index : undefined}
				counts={counts.pools}
				actions={actions}
			/>
			<PartButton
				icon={<IconFlagCheck size={15} aria-hidden />}
				label="Final closure"
				isSelected={selected.part === "final"}
				counts={counts.final}
				onClick={() => document.select({ part: "final" })}
			/>
		</nav>
	)
}

interface RowsProps {
	pools: unknown[]
	chosen: number | undefined
	counts: ReturnType<typeof countByPart>["pools"]
	actions: PoolActions
}

function Rows({ pools, chosen, counts, actions }: RowsProps) {
	const document = useDocument()
	const box = useRef<HTMLDivElement>(null)
	const rows = useVirtualizer({
		count: pools.length,
		getScrollElement: () => box.current,
		estimateSize: () => ROW_PIXELS,
		overscan: 8,
	})
	useEffect(() => {
		if (chosen !== undefined && chosen < pools.length) rows.scrollToIndex(chosen, { align: "auto" })
	}, [chosen, pools.length, rows])

	const press = (event: KeyboardEvent) => {
		const act = actOf(event, chosen ?? 0, pools.length, actions)
		if (!act) return
		event.preventDefault()
		flushSync(act)
		box.current?.focus()
	}
	const go = (index: number) => document.select({ part: "pool", index })
	return (
		<div
			ref={box}
			className={panes.rows}
			role="listbox"
			tabIndex={0}
			aria-labelledby="pools-title"
			aria-activedescendant={chosen === undefined ? undefined : rowId(chosen)}
			aria-keyshortcuts="Alt+ArrowUp Alt+ArrowDown Delete Control+D"
			onKeyDown={(event) => (isArrow(event) ? pressArrow(event, chosen, pools.length, go) : press(event))}
		>
			{pools.length === 0 && (
				<p className={classes.notHere}>No pool yet. A pool is some files with the commands that prove them.</p>
			)}
			<div className={panes.rowsInner} style={{ height: rows.getTotalSize() }} role="presentation">
				{rows.getVirtualItems().map(({ index, start, key }) => (
					<PoolRow
						key={key}
						id={rowId(index)}
						index={index}
						count={pools.length}
						pool={pools[index]}
						name={nameOf(pools[index], index)}
						start={start}
						isSelected={chosen === index}
						faults={counts.get(index)?.faults ?? 0}
						warnings={counts.get(index)?.warnings ?? 0}
						onChoose={go}
						onMove={actions.move}
					/>
				))}
			</div>
		</div>
	)
}

const rowId = (index: number) => `pool-row-${index}`

/** What a key does to the chosen pool. */
function actOf(event: KeyboardEvent, index: number, count: number, actions: PoolActions): (() => void) | undefined {
	if (count === 0) return undefined
	if (event.altKey && event.key === "ArrowUp") return () => actions.move(index, index - 1)
	if (event.altKey && event.key === "ArrowDown") return () => actions.move(index, index + 1)
	if (event.key === "Delete") return () => actions.remove(index)
	if ((event.ctrlKey || event.metaKey) && event.key === "d") return () => actions.duplicate(index)
	return undefined
}

function valueNow(document: ReturnType<typeof useDocument>): Editing["value"] {
	const now = document.store.getState()
	return now.state === "open" ? now.editing.value : undefined
}
