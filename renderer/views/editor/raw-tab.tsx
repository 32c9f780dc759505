import { Button } from "@mantine/core"
import { useEffect } from "react"
import { Note } from "../../components/note.tsx"
import { sentence } from "../../components/words.ts"
import { Mark } from "../run/finding-list.tsx"
import { useDocument, useEditing } from "./context.ts"
import classes from "./editor.module.css"
import { MendButton } from "./field-findings.tsx"
import { RawText } from "./raw-text.tsx"
import { showLine } from "./shown-line.ts"

const SETTLE_MS = 300
const MAX_FINDINGS = 50

/** The text itself. The same document as the pools', byte for byte what is saved. */
export function RawTab() {
	const document = useDocument()
	const text = useEditing((editing) => editing.document.text)
	const isBehind = useEditing(({ isValueBehind }) => isValueBehind)
	const merging = useEditing((editing) => editing.merging)
	useEffect(() => {
		if (!isBehind) return undefined
		const timer = setTimeout(document.settle, SETTLE_MS)
		return () => clearTimeout(timer)
	})
	// Whoever looks next sees what the text says.
	useEffect(() => () => document.settle(), [document])
	return (
		<div className={classes.raw}>
			{merging !== undefined && (
				<Note
					tone="calm"
					title="Merge by hand: yours can be edited, theirs stands beside it."
					actions={
						<Button size="compact-xs" variant="default" onClick={() => document.dismiss("merging")}>
							Put theirs away
						</Button>
					}
				>
					What you save is what counts.
				</Note>
			)}
			<div className={classes.rawTexts} data-both={merging !== undefined || undefined}>
				<RawText label="index.json" text={text} onType={document.typeRaw} />
				{merging !== undefined && <RawText label="Theirs" text={merging} />}
			</div>
			<RawFindings />
		</div>
	)
}

function RawFindings() {
	const findings = useEditing(({ checked }) => checked.findings)
	if (findings.length === 0) return null
	return (
		<ul className={classes.rawFindings} aria-label="Findings">
			{findings.slice(0, MAX_FINDINGS).map((finding) => (
				<li key={`${finding.rule} ${finding.path} ${finding.line}:${finding.column}`}>
					<Mark severity={finding.severity} />
					<button
						type="button"
						className={classes.place}
						aria-label={`${finding.line}:${finding.column}, go to this line and column`}
						onClick={() => showLine(finding.line, finding.column)}
					>
						{finding.line}:{finding.column}
					</button>
					<span className={classes.fieldFinding}>
						{sentence(finding.message)} <span className={classes.soft}>{sentence(finding.remedy)}</span>
					</span>
					<MendButton finding={finding} />
				</li>
			))}
		</ul>
	)
}
