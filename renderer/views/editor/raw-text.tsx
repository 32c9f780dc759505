import { type UIEvent, useEffect, useMemo, useRef } from "react"
import classes from "./editor.module.css"
import { shownLine } from "./shown-line.ts"

/** A text with its line numbers; without `onType` it can only be read. Another text editor can take its place. */
export function RawText({ label, text, onType }: { label: string; text: string; onType?: (text: string) => void }) {
	const area = useRef<HTMLTextAreaElement>(null)
	const numbers = useRef<HTMLPreElement>(null)
	const isEdited = onType !== undefined
	useEffect(() => {
		if (!isEdited) return undefined
		return shownLine.subscribe(({ line, column }) => area.current && putCaret(area.current, line, column))
	}, [isEdited])
	const count = useMemo(() => text.split("\n").length, [text])
	const printed = useMemo(() => Array.from({ length: count }, (_, index) => index + 1).join("\n"), [count])
	const follow = (event: UIEvent<HTMLTextAreaElement>) => {
		if (numbers.current) numbers.current.scrollTop = event.currentTarget.scrollTop
	}
	return (
		<div className={classes.rawText}>
			<pre ref={numbers} className={classes.rawNumbers} aria-hidden>
				{printed}
			</pre>
			<textarea
				ref={area}
				className={classes.rawArea}
				aria-label={label}
				wrap="off"
				spellCheck={false}
				autoComplete="off"
				readOnly={!isEdited}
				value={text}
				onScroll={follow}
				onChange={(event) => onType?.(event.currentTarget.value)}
			/>
		</div>
	)
}

function putCaret(area: HTMLTextAreaElement, line: number, column: number): void {
	const before = area.value.split("\n").slice(0, line - 1)
	const offset = before.reduce((sum, one) => sum + one.length + 1, 0) + column - 1
	area.focus()
	area.setSelectionRange(offset, offset)
	const { lineHeight } = getComputedStyle(area)
	area.scrollTop = Math.max(0, (line - 1) * Number.parseFloat(lineHeight) - area.clientHeight / 2)
}
