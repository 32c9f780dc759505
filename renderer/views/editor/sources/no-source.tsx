import classes from "../editor.module.css"
import panes from "../panes.module.css"

export function NoSource({ isEmpty }: { isEmpty: boolean }) {
	return (
		<section className={panes.form} aria-label="No source">
			<div className={panes.nothing}>
				<h2 className={panes.formTitle}>{isEmpty ? "No source yet" : "No source chosen"}</h2>
				<p className={classes.explain}>
					Sources are the corrected files below src/. Drop files or folders here or on a pool, or add them with the
					buttons at the left. A pool says where each of them goes on the appliance.
				</p>
			</div>
		</section>
	)
}
