import { useEditing } from "../context.ts"
import classes from "../editor.module.css"
import { FinalForm } from "./final-form.tsx"
import { ModuleForm } from "./module-form.tsx"
import { PoolForm } from "./pool-form.tsx"
import { PoolList } from "./pool-list.tsx"

/** The parts of `index.json` at the left, the chosen one at the right. */
export function PoolsTab() {
	return (
		<div className={classes.pools}>
			<PoolList />
			<Chosen />
		</div>
	)
}

function Chosen() {
	const selected = useEditing((editing) => editing.selected)
	if (selected.part === "module") return <ModuleForm />
	if (selected.part === "final") return <FinalForm />
	return <PoolForm key={selected.index} index={selected.index} />
}
