import { useVirtualizer } from "@tanstack/react-virtual"
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from "react"
import { formatBytes } from "../../../components/format.ts"
import { SearchField } from "../../../components/search-field.tsx"
import { useDocument } from "../context.ts"
import classes from "../editor.module.css"
import { isArrow, pressArrow } from "../list-arrows.ts"
import panes from "../panes.module.css"
import { FindingMarks } from "../pools/pool-row.tsx"
import { PickButtons } from "./pick-buttons.tsx"
import type { ShownSource } from "./shown-sources.ts"
import sourceClasses from "./sources.module.css"

const ROW_PIXELS = 46

/** The files below `src/`, a list box: arrow keys choose. */
export function SourceList({ sources, chosen }: { sources: ShownSource[]; chosen: string | undefined }) {
	const [wanted, setWanted] = useState("")
	const shown = useMemo(() => {
		const text = wanted.trim().toLowerCase()
		return text === "" ? sources : sources.filter(({ target }) => target.toLowerCase().includes(text))
	}, [sources, wanted])
	return (
		<nav className={panes.parts} aria-label="Sources of the module">
			<div className={panes.partsHead}>
				<h2 className={panes.partsTitle} id="sources-title">
					src/
				</h2>
				<span className={sourceClasses.pick}>
					<PickButtons />
				</span>
			</div>
			<SearchField
				className={sourceClasses.filter}
				label="Filter the sources"
				placeholder="Filter"
				value={wanted}
				onSearch={setWanted}
			/>
			<Rows sources={shown} chosen={chosen} isFiltered={wanted.trim() !== ""} />
		</nav>
	)
}

function Rows({
	sources,
	chosen,
	isFiltered,
}: {
	sources: ShownSource[]
	chosen: string | undefined
	isFiltered: boolean
}) {
	const document = useDocument()
	const box = useRef<HTMLDivElement>(null)
	const rows = useVirtualizer({
		count: sources.length,
		getScrollElement: () => box.current,
		estimateSize: () => ROW_PIXELS,
		overscan: 8,
	})
	const at = sources.findIndex(({ target }) => target === chosen)
	useEffect(() => {
		if (at >= 0) rows.scrollToIndex(at, { align: "auto" })
	}, [at, rows])
	const press = (event: KeyboardEvent) => {
		if (isArrow(event)) pressArrow(event, at, sources.length, (to) => document.sources.select(sources[to]?.target))
	}
	return (
		<div
			ref={box}
			className={panes.rows}
			role="listbox"
			tabIndex={0}
			aria-labelledby="sources-title"
			aria-activedescendant={at < 0 ? undefined : rowId(at)}
			onKeyDown={press}
		>
			{sources.length === 0 && (
				<p className={classes.notHere}>{isFiltered ? "No source is called so." : "There is no file below src/ yet."}</p>
			)}
			<div className={panes.rowsInner} style={{ height: rows.getTotalSize() }} role="presentation">
				{rows.getVirtualItems().map(({ index, start }) => {
					const source = sources[index]
					return (
						source && (
							<SourceRow
								key={source.target}
								id={rowId(index)}
								source={source}
								isChosen={index === at}
								start={start}
								place={`${index + 1} of ${sources.length}`}
								onChoose={() => document.sources.select(source.target)}
							/>
						)
					)
				})}
			</div>
		</div>
	)
}

const rowId = (index: number) => `source-row-${index}`

interface RowProps {
	id: string
	source: ShownSource
	isChosen: boolean
	start: number
	place: string
	onChoose(): void
}

function SourceRow({ id, source, isChosen, start, place, onChoose }: RowProps) {
	const { target, notes, isTyped } = source
	const cut = target.lastIndexOf("/") + 1
	const [position, size] = place.split(" of ").map(Number)
	return (
		// biome-ignore lint/a11y/useKeyWithClickEvents: the list box has the keys
		<div
			id={id}
			className={`${panes.row} ${sourceClasses.row}`}
			role="option"
			tabIndex={-1}
			aria-selected={isChosen}
			aria-posinset={position}
			aria-setsize={size}
			title={`src/${target}`}
			style={{ transform: `translateY(${start}px)` }}
			onClick={onChoose}
		>
			<span className={panes.rowText}>
				<span className={panes.rowName}>{target.slice(cut)}</span>
				<span className={panes.rowFacts}>
					{isTyped && <strong className={sourceClasses.typed}>not saved · </strong>}
					{factsOf(source, target.slice(0, cut))}
				</span>
			</span>
			<FindingMarks faults={0} warnings={notes.length} />
		</div>
	)
}

function factsOf({ size, isExecutable, digest, isLink }: ShownSource, folder: string): string {
	const what = isLink ? "a link" : digest === undefined ? "no file any more" : formatBytes(size)
	const facts = [what, isExecutable && "executable", folder]
	return facts.filter(Boolean).join(" · ")
}
