import { UnstyledButton } from "@mantine/core"
import { IconChevronRight } from "@tabler/icons-react"
import { type ReactNode, useState } from "react"
import classes from "./cause-row.module.css"

interface CauseRowProps {
	cause: string
	times: number
	/** Of the most frequent cause, 0 to 1; a bar shows it. */
	share?: number
	/** Behind the cause. */
	note?: string
	/** What can be done about it, always there. */
	actions?: ReactNode
	/** What belongs to it, a click away. */
	children: ReactNode
}

/** An item of a list: why something happened, and how often. */
export function CauseRow({ cause, times, share, note, actions, children }: CauseRowProps) {
	const [isOpen, setOpen] = useState(false)
	return (
		<li>
			<UnstyledButton className={classes.row} aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
				<IconChevronRight size={14} className={classes.chevron} aria-hidden />
				<span className={classes.times}>{times}×</span>
				{share !== undefined && (
					<span className={classes.bar} aria-hidden>
						<span style={{ width: `${share * 100}%` }} />
					</span>
				)}
				<span className={classes.cause}>{cause}</span>
				{note !== undefined && <span className={classes.note}>{note}</span>}
			</UnstyledButton>
			{actions}
			{isOpen && children}
		</li>
	)
}
