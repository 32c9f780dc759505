import { IconArrowRight } from "@tabler/icons-react"
import { useVirtualizer } from "@tanstack/react-virtual"
import { useRef } from "react"
import { Path } from "../../../components/code.tsx"
import { useEditing } from "../context.ts"
import classes from "./sources.module.css"

const ROW_PIXELS = 36

interface Props {
	targets: string[]
	/** Absent: they go nowhere yet. */
	destinationOf: ((target: string) => string) | undefined
	onType(target: string, text: string): void
}

/** Each file with the place that it goes to, which can be changed. */
export function DestinationList({ targets, destinationOf, onType }: Props) {
	const sources = useEditing(({ module }) => module.sources)
	const there = new Set(sources.map(({ target }) => target))
	const box = useRef<HTMLDivElement>(null)
	const rows = useVirtualizer({
		count: targets.length,
		getScrollElement: () => box.current,
		estimateSize: () => ROW_PIXELS,
		overscan: 6,
	})
	return (
		// biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
		<div ref={box} className={classes.destinations} tabIndex={0}>
			<ul
				className={classes.destinationList}
				aria-label="Files and destinations"
				style={{ height: rows.getTotalSize() }}
			>
				{rows.getVirtualItems().map(({ index, start }) => {
					const target = targets[index] ?? ""
					return (
						<li key={target} className={classes.destination} style={{ transform: `translateY(${start}px)` }}>
							<Path path={`src/${target}`} />
							{there.has(target) && <span className={classes.there}>there already</span>}
							{destinationOf && (
								<>
									<IconArrowRight size={14} aria-hidden className={classes.arrow} />
									<input
										className={classes.destinationInput}
										aria-label={`Destination of ${target}`}
										placeholder="/etc/…"
										spellCheck={false}
										autoComplete="off"
										value={destinationOf(target)}
										onChange={(event) => onType(target, event.currentTarget.value)}
									/>
								</>
							)}
						</li>
					)
				})}
			</ul>
		</div>
	)
}
