import { IconAlertTriangle, IconCircleX } from "@tabler/icons-react"
import { useState } from "react"
import type { Finding } from "../../../core/schema/finding.ts"
import { count } from "../../components/format.ts"
import { Panel } from "../../components/panel.tsx"
import { sentence } from "../../components/words.ts"
import classes from "./run.module.css"

const FEW = 3

/** All findings, faults first; each leads to its place in index.json. */
export function FindingList({ findings, onShow }: { findings: Finding[]; onShow(line: number): void }) {
	const faults = findings.filter((finding) => finding.severity === "fault")
	const warnings = findings.filter((finding) => finding.severity === "warning")
	const [all, setAll] = useState(false)
	const sorted = [...faults, ...warnings]
	const shown = all || faults.length > 0 ? sorted : sorted.slice(0, FEW)
	const note = [
		faults.length > 0 && count(faults.length, "fault"),
		warnings.length > 0 && count(warnings.length, "warning"),
	]
	return (
		<Panel title="Findings" note={note.filter(Boolean).join(", ")}>
			<ul className={classes.findings}>
				{shown.map((finding) => (
					<li
						key={`${finding.rule} ${finding.path} ${finding.line}:${finding.column}`}
						data-severity={finding.severity}
					>
						<Mark severity={finding.severity} />
						<div className={classes.findingText}>
							{sentence(finding.message)} <span className={classes.remedy}>{sentence(finding.remedy)}</span>
						</div>
						<button
							type="button"
							className={classes.place}
							title={finding.path}
							aria-label={`${finding.line}:${finding.column}, show in index.json`}
							onClick={() => onShow(finding.line)}
						>
							{finding.line}:{finding.column}
						</button>
					</li>
				))}
			</ul>
			{shown.length < sorted.length && (
				<button type="button" className={classes.more} onClick={() => setAll(true)}>
					Show all {sorted.length}
				</button>
			)}
		</Panel>
	)
}

export function Mark({ severity }: { severity: Finding["severity"] }) {
	const Icon = severity === "fault" ? IconCircleX : IconAlertTriangle
	return (
		<span className={classes.mark} data-severity={severity}>
			<Icon size={15} aria-hidden />
			<span>{severity}</span>
		</span>
	)
}
