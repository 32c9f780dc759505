import { IconAlertOctagon, IconAlertTriangle, IconCircleCheck, IconInfoCircle } from "@tabler/icons-react"
import type { ReactNode } from "react"
import classes from "./note.module.css"
import type { Tone } from "./outcome.tsx"

const icons = {
	good: IconCircleCheck,
	calm: IconInfoCircle,
	live: IconInfoCircle,
	mute: IconInfoCircle,
	warn: IconAlertTriangle,
	bad: IconAlertOctagon,
}

/** A message within a view: what, and below it what to do. */
export function Note(props: {
	tone: Tone
	title: ReactNode
	children?: ReactNode
	actions?: ReactNode
	alert?: boolean
	/** An emergency: filled, so that nobody overlooks it. */
	loud?: boolean
}) {
	const Icon = icons[props.tone]
	return (
		<div
			className={classes.note}
			data-tone={props.tone}
			data-loud={props.loud || undefined}
			role={props.alert ? "alert" : undefined}
		>
			<Icon size={17} className={classes.icon} aria-hidden />
			<div className={classes.text}>
				<div className={classes.title}>{props.title}</div>
				{props.children !== undefined && <div className={classes.body}>{props.children}</div>}
			</div>
			{props.actions !== undefined && <div className={classes.actions}>{props.actions}</div>}
		</div>
	)
}
