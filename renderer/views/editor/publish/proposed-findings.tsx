import type { Finding } from "../../../../core/schema/finding.ts"
import { count } from "../../../components/format.ts"
import { Panel } from "../../../components/panel.tsx"
import { sentence } from "../../../components/words.ts"
import { Mark } from "../../run/finding-list.tsx"
import classes from "../editor.module.css"

/** Faults stand in the way; warnings are there to be read. */
export function ProposedFindings({ findings }: { findings: Finding[] }) {
	const faults = findings.filter(({ severity }) => severity === "fault")
	const warnings = findings.filter(({ severity }) => severity === "warning")
	const note = [
		faults.length > 0 && count(faults.length, "fault"),
		warnings.length > 0 && count(warnings.length, "warning"),
	]
	return (
		<Panel title="Findings" note={note.filter(Boolean).join(", ")}>
			<ul className={classes.findings}>
				{[...faults, ...warnings].map((finding) => (
					<li key={`${finding.rule} ${finding.path} ${finding.message}`}>
						<Mark severity={finding.severity} />
						<span className={classes.findingText}>
							{sentence(finding.message)} <span className={classes.soft}>{sentence(finding.remedy)}</span>
							<span className={classes.findingPlace}>
								{finding.path} · line {finding.line}
							</span>
						</span>
					</li>
				))}
			</ul>
		</Panel>
	)
}
