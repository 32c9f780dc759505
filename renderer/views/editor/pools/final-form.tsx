import { valueAt } from "../../../../core/schema/document/value.ts"
import { CommandList } from "../command-list.tsx"
import classes from "../editor.module.css"
import { useValue } from "../fields.tsx"
import panes from "../panes.module.css"
import own from "./pools.module.css"

/** The commands that prove the whole system. */
export function FinalForm() {
	const list = useValue((value) => valueAt(value, ["finalClosure"]))
	return (
		<section className={panes.form} aria-label="Final closure">
			<div className={panes.formHead}>
				<h2 className={panes.formTitle}>Final closure</h2>
			</div>
			<div className={own.formBody}>
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
