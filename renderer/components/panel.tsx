import type { ReactNode } from "react"
import classes from "./panel.module.css"

/** A titled part of a view. */
export function Panel(props: {
	title?: ReactNode
	note?: ReactNode
	actions?: ReactNode
	children: ReactNode
	label?: string
}) {
	return (
		<section className={classes.panel} aria-label={props.label}>
			{props.title !== undefined && (
				<header className={classes.head}>
					<h2 className={classes.title}>{props.title}</h2>
					{props.note !== undefined && <span className={classes.note}>{props.note}</span>}
					<span className={classes.actions}>{props.actions}</span>
				</header>
			)}
			{props.children}
		</section>
	)
}

/** The top of a view: its heading, a line about it, and what one can do. */
export function ViewHead(props: { title: ReactNode; note?: ReactNode; actions?: ReactNode }) {
	return (
		<div className={classes.viewHead}>
			<div className={classes.viewTitles}>
				<h1 className={classes.viewTitle} tabIndex={-1}>
					{props.title}
				</h1>
				{props.note !== undefined && <div className={classes.viewNote}>{props.note}</div>}
			</div>
			<div className={classes.viewActions}>{props.actions}</div>
		</div>
	)
}
