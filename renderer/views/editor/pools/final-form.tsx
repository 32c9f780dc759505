import { valueAt } from "../../../../core/schema/document/value.ts"
import { CommandList } from "../command-list.tsx"
import classes from "../editor.module.css"
import { useValue } from "../fields.tsx"

/** The commands that prove the whole system. */
export function FinalForm() {
	const list = useValue((value) => valueAt(value, ["finalClosure"]))
	return (
		<section className={classes.form} aria-label="Final closure">
			<div className={classes.formHead}>
				<h2 className={classes.formTitle}>Final closure</h2>
			</div>
			<div className={classes.formBody}>
				<p className={classes.explain}>
					Proves the whole system, once every enabled pool stands applied. When it fails, it is reported; nothing is
					rolled back.
				</p>
				<CommandList
					title="Commands"
					item="command"
					hint="one shell for all, in order"
					path={["finalClosure"]}
					value={list}
				/>
			</div>
		</section>
	)
}
