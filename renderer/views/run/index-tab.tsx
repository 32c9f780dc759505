import { useEffect, useRef } from "react"
import type { Finding } from "../../../core/schema/finding.ts"
import { sentence } from "../../components/words.ts"
import { Mark } from "./finding-list.tsx"
import { tokensOf } from "./json-tokens.ts"
import classes from "./run.module.css"

const MAX_LINES = 5000

/** The text of index.json with every finding at its place. */
export function IndexTab(props: { text: string; findings: Finding[]; shownLine: number | undefined }) {
	const { text, findings, shownLine } = props
	const box = useRef<HTMLElement>(null)
	const lines = text.split(/\r?\n/)
	useEffect(() => {
		const line = box.current?.querySelector(`[data-line="${shownLine}"]`)
		line?.scrollIntoView({ block: "center" })
	}, [shownLine])
	return (
		// biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
		<section ref={box} className={classes.index} aria-label="index.json" tabIndex={0}>
			{lines.slice(0, MAX_LINES).map((line, index) => (
				<IndexLine
					// biome-ignore lint/suspicious/noArrayIndexKey: a line's number is its identity
					key={index}
					number={index + 1}
					text={line}
					shown={shownLine === index + 1}
					findings={findings.filter((finding) => finding.line === index + 1)}
				/>
			))}
			{lines.length > MAX_LINES && (
				<p className={classes.folderNote}>{lines.length - MAX_LINES} more lines are not shown.</p>
			)}
		</section>
	)
}

function IndexLine(props: { number: number; text: string; shown: boolean; findings: Finding[] }) {
	const severity = props.findings.some((finding) => finding.severity === "fault")
		? "fault"
		: props.findings[0] && "warning"
	return (
		<>
			<div
				className={classes.codeLine}
				data-line={props.number}
				data-severity={severity}
				data-shown={props.shown || undefined}
			>
				<span className={classes.lineNumber}>{props.number}</span>
				<code>
					{tokensOf(props.text).map(({ kind, text }, index) => (
						// biome-ignore lint/suspicious/noArrayIndexKey: tokens of one line never move
						<span key={index} data-kind={kind}>
							{text}
						</span>
					))}
				</code>
			</div>
			{props.findings.map((finding) => (
				<div key={`${finding.rule} ${finding.path}`} className={classes.inlineFinding} data-severity={finding.severity}>
					<Mark severity={finding.severity} />
					<span>
						<b>
							{finding.line}:{finding.column}
						</b>{" "}
						{sentence(finding.message)} {sentence(finding.remedy)}
						<span className={classes.jsonPath}> {finding.path}</span>
					</span>
				</div>
			))}
		</>
	)
}
