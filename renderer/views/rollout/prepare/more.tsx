import { Button } from "@mantine/core"
import { type ReactNode, useState } from "react"

/** The first few of a list; the rest comes a page at a time, so that thousands cost nothing before somebody wants them. */
export function More<T>(props: {
	items: readonly T[]
	first: number
	what: string
	className?: string | undefined
	label: string
	children(item: T): ReactNode
}) {
	const { items, first, what, className, label, children } = props
	const [shown, setShown] = useState(first)
	const rest = items.length - shown
	return (
		<>
			<ul className={className} aria-label={label}>
				{items.slice(0, shown).map(children)}
			</ul>
			{rest > 0 && (
				<Button variant="subtle" size="compact-xs" m={6} onClick={() => setShown(shown + 50)}>
					Show {Math.min(rest, 50)} more of {rest} {what}
				</Button>
			)}
		</>
	)
}
