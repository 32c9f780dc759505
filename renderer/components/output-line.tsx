import { memo } from "react"
import type { Span } from "../stores/ansi.ts"
import type { OutputLine } from "../stores/output-log.ts"
import classes from "./output.module.css"

/** One line. `top`: where it lies, pixels. */
export const Line = memo(
	function Line({ line, top, marked }: LineProps) {
		return (
			<div
				className={classes.line}
				data-stream={line.stream}
				data-marked={marked || undefined}
				style={{ transform: `translateY(${top}px)` }}
			>
				<span className={classes.number} aria-hidden>
					{line.number}
				</span>
				{line.stream === "stderr" && <span className={classes.mark} title="standard error" />}
				<span className={classes.text}>
					{line.spans.map((span, index) => (
						// biome-ignore lint/suspicious/noArrayIndexKey: stretches of one line have no other identity
						<Stretch key={index} span={span} />
					))}
				</span>
				{line.hidden > 0 && (
					<span className={classes.hidden}>
						… {line.hidden.toLocaleString("en")} more characters of this line are not shown; copying takes them along
					</span>
				)}
			</div>
		)
	},
	// The same number is the same line, as long as it has not grown.
	(a, b) =>
		a.top === b.top && a.marked === b.marked && sizeOf(a.line) === sizeOf(b.line) && a.line.number === b.line.number,
)

interface LineProps {
	line: OutputLine
	top: number
	marked: boolean
}

function sizeOf({ spans, hidden }: OutputLine): number {
	return spans.reduce((sum, { text }) => sum + text.length, hidden)
}

function Stretch({ span }: { span: Span }) {
	if (!span.color && !span.bold && !span.dim && !span.underline && !span.italic && !span.inverse) return span.text
	return (
		<span
			className={classes.stretch}
			data-color={span.color}
			data-bold={span.bold || undefined}
			data-dim={span.dim || undefined}
			data-italic={span.italic || undefined}
			data-underline={span.underline || undefined}
			data-inverse={span.inverse || undefined}
		>
			{span.text}
		</span>
	)
}
