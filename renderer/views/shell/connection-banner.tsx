import { Note } from "../../components/note.tsx"
import { useDesktop } from "../../stores/context.ts"
import classes from "./shell.module.css"

/** Calm words while the program behind the page is away. */
export function ConnectionBanner() {
	const lost = useDesktop((desktop) => desktop.connection === "lost")
	return (
		<div aria-live="polite">
			{lost && (
				<div className={classes.banner}>
					<Note tone="warn" title="The connection to the program is lost. Reconnecting by itself.">
						Runs go on: they belong to the appliances. What is shown here is as of the last contact.
						{window.hotfixHost === undefined &&
							" If the program was started anew, open the address that it printed then."}
					</Note>
				</div>
			)}
		</div>
	)
}
