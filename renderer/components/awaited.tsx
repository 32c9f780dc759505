import { Button, type ButtonProps, Loader } from "@mantine/core"
import type { ReactNode } from "react"
import classes from "./awaited.module.css"

/** What goes on and is waited for, with an end to it. */
export function Awaited(props: { children: ReactNode; label?: string; onStop(): void }) {
	const { children, label, onStop } = props
	return (
		<div className={classes.awaited} role="status" aria-label={label}>
			<Loader size="xs" aria-hidden />
			<span>{children}</span>
			<StopButton size="compact-xs" onStop={onStop} />
		</div>
	)
}

/** Ends what goes on; `what` says that where the place does not. */
export function StopButton(props: { what?: string; size?: ButtonProps["size"]; onStop(): void }) {
	const { what, size = "xs", onStop } = props
	return (
		<Button variant="default" size={size} className={classes.stop} aria-label={what && `Stop ${what}`} onClick={onStop}>
			Stop
		</Button>
	)
}
