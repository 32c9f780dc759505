import { mendOf } from "../../../core/schema/document/mends.ts"
import type { Finding } from "../../../core/schema/finding.ts"
import { sentence } from "../../components/words.ts"
import { Mark } from "../run/finding-list.tsx"
import { useDocument, useEditing } from "./context.ts"
import classes from "./editor.module.css"

/** What is wrong at a field, with its mend as one click where there is one. */
export function FieldFindings({ findings, id }: { findings: Finding[] | undefined; id?: string }) {
	if (!findings || findings.length === 0) return null
	return (
		<ul className={classes.fieldFindings} id={id}>
			{findings.map((finding) => (
				<li key={`${finding.rule} ${finding.message}`} data-severity={finding.severity}>
					<Mark severity={finding.severity} />
					<span className={classes.fieldFinding}>
						{sentence(finding.message)} <span className={classes.soft}>{sentence(finding.remedy)}</span>
					</span>
					<MendButton finding={finding} />
				</li>
			))}
		</ul>
	)
}

/** The one click; not while the finding is of an older text than the one that stands there. */
export function MendButton({ finding }: { finding: Finding }) {
	const document = useDocument()
	const isOld = useEditing(({ checked, document }) => checked.document !== document)
	const value = useEditing((editing) => editing.value)
	const mend = mendOf(value, finding)
	if (!mend) return null
	return (
		<button type="button" className={classes.mend} disabled={isOld} onClick={() => document.act(mend)}>
			{mend.label.charAt(0).toUpperCase() + mend.label.slice(1)}
		</button>
	)
}
