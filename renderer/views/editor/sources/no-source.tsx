import classes from "../editor.module.css"

export function NoSource({ isEmpty }: { isEmpty: boolean }) {
	return (
		<section className={classes.form} aria-label="No source">
			<div className={classes.nothing}>
				<h2 className={classes.formTitle}>{isEmpty ? "No source yet" : "No source chosen"}</h2>
				<p className={classes.explain}>
					Sources are the corrected files below src/. Drop files or folders here or on a pool, or add them with the
					buttons at the left. A pool says where each of them goes on the appliance.
				</p>
			</div>
		</section>
	)
}
