import { useVirtualizer } from "@tanstack/react-virtual"
import { useRef } from "react"
import classes from "./prepare.module.css"

const ROW_PIXELS = 24
/** As many stand in one line. */
const IN_LINE = 8

/** Names of appliances: a few in a line, many in a list of their own that scrolls. */
export function Names({ names, label }: { names: readonly string[]; label: string }) {
	return names.length <= IN_LINE ? (
		<p className={classes.names}>{names.join(", ")}</p>
	) : (
		<ManyNames names={names} label={label} />
	)
}

function ManyNames({ names, label }: { names: readonly string[]; label: string }) {
	const box = useRef<HTMLDivElement>(null)
	const rows = useVirtualizer({
		count: names.length,
		getScrollElement: () => box.current,
		estimateSize: () => ROW_PIXELS,
		overscan: 8,
	})
	return (
		// biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
		<div ref={box} className={classes.manyNames} tabIndex={0}>
			<ul className={classes.nameList} aria-label={label} style={{ height: rows.getTotalSize() }}>
				{rows.getVirtualItems().map(({ index, start }) => (
					<li
						key={index}
						className={classes.nameItem}
						aria-posinset={index + 1}
						aria-setsize={names.length}
						style={{ transform: `translateY(${start}px)` }}
					>
						{names[index]}
					</li>
				))}
			</ul>
		</div>
	)
}
