import { type JsonPath, printPath } from "../../../core/schema/json-text.ts"
import { useDocument, useEditing } from "./context.ts"
import classes from "./editor.module.css"
import { FieldFindings } from "./field-findings.tsx"

/** Keys that have no field here: shown as they are and kept. */
export function OtherKeys({ path, value, known }: { path: JsonPath; value: unknown; known: readonly string[] }) {
	const isObject = typeof value === "object" && value !== null && !Array.isArray(value)
	const others = isObject ? Object.entries(value).filter(([key]) => !known.includes(key)) : []
	if (others.length === 0) return null
	return (
		<section className={classes.block} aria-label="Other keys">
			<h3 className={classes.blockTitle}>
				Other keys <span className={classes.hint}>kept as they are; edit them in index.json</span>
			</h3>
			<ul className={classes.others}>
				{others.map(([key, item]) => (
					<OtherKey key={key} path={[...path, key]} name={key} value={item} />
				))}
			</ul>
		</section>
	)
}

function OtherKey({ path, name, value }: { path: JsonPath; name: string; value: unknown }) {
	const document = useDocument()
	const findings = useEditing(({ checked }) => checked.at.get(printPath(path)))
	const printed = JSON.stringify(value)
	return (
		<li>
			<div className={classes.other}>
				<code className={classes.otherKey}>{name}</code>
				<code className={classes.otherValue} title={printed}>
					{printed.length > 200 ? `${printed.slice(0, 200)}…` : printed}
				</code>
				<button
					type="button"
					className={classes.mend}
					data-path={printPath(path)}
					aria-label={`Take out ${name}`}
					onClick={() => document.act({ label: `take out ${name}`, edits: [{ kind: "remove", path }] })}
				>
					Take out
				</button>
			</div>
			<FieldFindings findings={findings} />
		</li>
	)
}
