import { draggable, dropTargetForElements } from "@atlaskit/pragmatic-drag-and-drop/element/adapter"
import { IconGripVertical } from "@tabler/icons-react"
import { memo, type ReactNode, type RefObject, useEffect, useRef, useState } from "react"
import { valueAt } from "../../../../core/schema/document/value.ts"
import { count } from "../../../components/format.ts"
import classes from "../editor.module.css"
import type { Counts } from "../finding-counts.ts"
import panes from "../panes.module.css"
import { type Edge, placeOf } from "./place-of.ts"
import own from "./pools.module.css"

interface RowProps {
	id: string
	index: number
	count: number
	pool: unknown
	name: string
	/** Pixels from the list's top. */
	start: number
	isSelected: boolean
	faults: number
	warnings: number
	onChoose(index: number): void
	onMove(from: number, to: number): void
}

/** One pool in the list; it can be dragged to another place. */
export const PoolRow = memo(function PoolRow(props: RowProps) {
	const { index, pool, name, isSelected, onChoose } = props
	const row = useRef<HTMLDivElement>(null)
	const { edge, isDragged } = useDrag(row, props)
	const isOff = valueAt(pool, ["enabled"]) === false
	return (
		// biome-ignore lint/a11y/useKeyWithClickEvents: the list box has the keys
		<div
			ref={row}
			id={props.id}
			className={panes.row}
			role="option"
			tabIndex={-1}
			aria-selected={isSelected}
			aria-setsize={props.count}
			aria-posinset={index + 1}
			data-off={isOff || undefined}
			data-edge={edge}
			data-dragged={isDragged || undefined}
			style={{ transform: `translateY(${props.start}px)` }}
			onClick={() => onChoose(index)}
		>
			<IconGripVertical size={14} className={panes.grip} aria-hidden />
			<span className={panes.rowText}>
				<span className={panes.rowName}>{name}</span>
				<span className={panes.rowFacts}>{factsOf(pool, isOff)}</span>
			</span>
			<FindingMarks faults={props.faults} warnings={props.warnings} />
		</div>
	)
})

function factsOf(pool: unknown, isOff: boolean): string {
	const lengthOf = (key: string) => {
		const list = valueAt(pool, [key])
		return Array.isArray(list) ? list.length : 0
	}
	const facts = [count(lengthOf("operations"), "file"), count(lengthOf("closure"), "command")]
	return (isOff ? ["disabled", ...facts] : facts).join(" · ")
}

export function FindingMarks({ faults, warnings }: Counts) {
	return (
		<span className={own.marks}>
			{faults > 0 && (
				<span className={own.markFault} title={count(faults, "fault")}>
					{faults}
					<span className={classes.srOnly}> {faults === 1 ? "fault" : "faults"}</span>
				</span>
			)}
			{warnings > 0 && (
				<span className={own.markWarning} title={count(warnings, "warning")}>
					{warnings}
					<span className={classes.srOnly}> {warnings === 1 ? "warning" : "warnings"}</span>
				</span>
			)}
		</span>
	)
}

interface PartProps {
	icon: ReactNode
	label: string
	isSelected: boolean
	counts: Counts
	onClick(): void
}

/** A part of the module that is no pool. */
export function PartButton({ icon, label, isSelected, counts, onClick }: PartProps) {
	return (
		<button type="button" className={own.part} aria-current={isSelected || undefined} onClick={onClick}>
			{icon}
			<span className={panes.rowText}>{label}</span>
			<FindingMarks {...counts} />
		</button>
	)
}

/** Lets a row be dragged and others be dropped before or behind it. */
function useDrag(row: RefObject<HTMLDivElement | null>, { index, onMove }: Pick<RowProps, "index" | "onMove">) {
	const [edge, setEdge] = useState<Edge>()
	const [isDragged, setDragged] = useState(false)
	useEffect(() => {
		const element = row.current
		if (!element) return undefined
		const stopDrag = draggable({
			element,
			getInitialData: () => ({ pool: index }),
			onDragStart: () => setDragged(true),
			onDrop: () => setDragged(false),
		})
		const stopDrop = dropTargetForElements({
			element,
			canDrop: ({ source }) => typeof source.data.pool === "number",
			getData: ({ input }) => ({ edge: edgeAt(element, input.clientY) }),
			onDrag: ({ self, source }) => setEdge(source.data.pool === index ? undefined : (self.data.edge as Edge)),
			onDragLeave: () => setEdge(undefined),
			onDrop: ({ self, source }) => {
				setEdge(undefined)
				const from = Number(source.data.pool)
				onMove(from, placeOf(from, index, self.data.edge as Edge))
			},
		})
		return () => {
			stopDrag()
			stopDrop()
		}
	}, [row, index, onMove])
	return { edge, isDragged }
}

function edgeAt(element: Element, y: number): Edge {
	const { top, height } = element.getBoundingClientRect()
	return y < top + height / 2 ? "before" : "after"
}
