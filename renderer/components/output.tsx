import { useDeferredValue, useEffect, useRef, useState } from "react"
import { lineAt, type OutputLog } from "../stores/output-log.ts"
import classes from "./output.module.css"
import { OutputBar } from "./output-bar.tsx"
import { Line } from "./output-line.tsx"
import { LINE, useLineWindow } from "./use-line-window.ts"
import { useOutputSearch } from "./use-output-search.ts"

const SHOWN_LINES = 18
/** Above and below the lines; `output.module.css` has the same. */
const PADDING = 12

/** A command's output: only the lines in view exist; follows the end until one scrolls up. */
export function Output(props: { log: OutputLog; label: string; live: boolean; atEnd: boolean }) {
	const { log, label, live, atEnd } = props
	const box = useRef<HTMLElement>(null)
	const field = useRef<HTMLInputElement>(null)
	// The end is where a command says why it failed; a record may still be coming when it is opened.
	const [isStuck, setStuck] = useState(live || atEnd)
	const [text, setText] = useState("")
	const [at, setAt] = useState(0)
	const wanted = useDeferredValue(text)
	const { search, isSearching } = useOutputSearch(log, wanted)
	const { length } = log
	const visible = Math.min(length, SHOWN_LINES) * LINE
	const view = useLineWindow(box, { length, visible, isStuck, onScrolledUp: () => setStuck(false) })
	const { scrollToStart, scrollToEnd, scrollToLine } = view
	const current = search.found[at % Math.max(1, search.found.length)]

	// biome-ignore lint/correctness/useExhaustiveDependencies: when another line is the one that is looked at
	useEffect(() => {
		if (current !== undefined) scrollToLine(current - log.dropped)
	}, [current])

	const jump = () => {
		setStuck(true)
		scrollToEnd()
	}
	const find = (text: string) => {
		setText(text)
		setAt(0)
		setStuck(false)
	}
	const step = (by: number) => {
		setStuck(false)
		const { length } = search.found
		setAt((now) => (now + by + length) % Math.max(1, length))
	}
	const press = (event: React.KeyboardEvent) => {
		// At once: a browser glides there, and what comes meanwhile would stop it on the way.
		if (event.target === box.current && (event.key === "Home" || event.key === "End")) {
			event.preventDefault()
			if (event.key === "End") return jump()
			setStuck(false)
			return scrollToStart()
		}
		const isFind = (event.ctrlKey || event.metaKey) && event.key === "f"
		if (!isFind && (event.key !== "/" || event.target === field.current)) return
		event.preventDefault()
		field.current?.focus()
		field.current?.select()
	}

	return (
		// biome-ignore lint/a11y/noStaticElementInteractions: its keys are those of what is in it
		<div className={classes.output} onKeyDown={press}>
			<OutputBar
				{...{ log, label, live, follow: isStuck, field, text, isSearching }}
				found={search.found.length}
				at={at}
				onFind={find}
				onStep={step}
				onFollow={(follow) => (follow ? jump() : setStuck(false))}
				onLeave={() => box.current?.focus()}
			/>
			<section
				ref={box}
				className={classes.scroll}
				aria-label={label}
				// biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
				tabIndex={0}
				onScroll={view.onScroll}
				style={{ height: visible + PADDING }}
			>
				<div className={classes.all} style={{ height: view.height }}>
					{Array.from({ length: view.end - view.first }, (_, index) => {
						const line = lineAt(log, view.first + index)
						const top = view.top + index * LINE
						return line && <Line key={line.number} line={line} top={top} marked={line.number - 1 === current} />
					})}
				</div>
			</section>
			{!view.isAtEnd && !isStuck && (
				<button type="button" className={classes.jump} onClick={jump}>
					Jump to the end
				</button>
			)}
		</div>
	)
}
