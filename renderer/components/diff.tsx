import classes from "./diff.module.css"

type Kind = "added" | "removed" | "hunk" | "same"

const MAX_SHOWN_LINES = 2000

function kindOf(line: string): Kind {
	if (line.startsWith("@@")) return "hunk"
	if (line.startsWith("+")) return "added"
	if (line.startsWith("-")) return "removed"
	return "same"
}

/** The lines of a unified diff without its two file headers. */
export function diffLines(diff: string): { kind: Kind; text: string }[] {
	const lines = diff.replace(/\n$/, "").split("\n")
	const body = lines[0]?.startsWith("--- ") && lines[1]?.startsWith("+++ ") ? lines.slice(2) : lines
	return body.map((text) => ({ kind: kindOf(text), text }))
}

/** A unified diff; plus and minus stand in the text, colour only helps. */
export function Diff({ diff, label }: { diff: string; label: string }) {
	const lines = diffLines(diff)
	return (
		// biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
		<section className={classes.scroll} aria-label={label} tabIndex={0}>
			<pre className={classes.diff}>
				{lines.slice(0, MAX_SHOWN_LINES).map(({ kind, text }, index) => (
					// biome-ignore lint/suspicious/noArrayIndexKey: lines have no other identity and never move
					<span key={index} className={classes.line} data-kind={kind}>
						{`${text}\n`}
					</span>
				))}
			</pre>
			{lines.length > MAX_SHOWN_LINES && (
				<p className={classes.more}>{lines.length - MAX_SHOWN_LINES} more lines are not shown here.</p>
			)}
		</section>
	)
}
