import type { Reason } from "../../../core/schema/outcome.ts"
import { phaseName } from "../../../core/schema/outcome-sentences.ts"
import { safeText } from "../../stores/ansi.ts"
import { appendOutput, emptyLog, lastLinesOf, textOfLine } from "../../stores/output-log.ts"
import classes from "./live.module.css"

const LAST_LINES = 12

/** The last lines of a command's output, safe to show. */
export function lastLines(output: string): string {
	const log = appendOutput(emptyLog, "stdout", output.trimEnd().replace(/^\s*\n/, ""))
	return lastLinesOf(log, LAST_LINES).map(textOfLine).join("\n")
}

/** Why a pool or the final closure failed: phase, command, exit and the last it said. */
export function ReasonBlock({ reason }: { reason: Reason }) {
	const rows = [
		["Phase", phaseName(reason.phase)],
		["Command", reason.command === undefined ? undefined : safeText(reason.command)],
		["Ended with", endOf(reason)],
	].filter((row): row is [string, string] => row[1] !== undefined)
	return (
		<div className={classes.reason}>
			<dl>
				{rows.map(([term, value]) => (
					<div key={term}>
						<dt>{term}</dt>
						<dd>{term === "Command" ? <code>{value}</code> : value}</dd>
					</div>
				))}
			</dl>
			{reason.output !== undefined && reason.output.trim() !== "" && (
				<>
					<div className={classes.reasonLabel}>Last output</div>
					<pre className={classes.reasonOutput}>{lastLines(reason.output)}</pre>
				</>
			)}
			{(reason.details ?? []).length > 0 && (
				<ul className={classes.reasonDetails}>
					{reason.details?.map((detail) => (
						<li key={detail}>{safeText(detail)}</li>
					))}
				</ul>
			)}
		</div>
	)
}

/** "exit 3", "signal SIGKILL", "time limit". */
export function endOf({
	exit,
	signal,
	timedOut,
}: {
	exit?: number
	signal?: string
	timedOut?: boolean
}): string | undefined {
	if (timedOut) return "time limit reached, ended by the runner"
	if (signal !== undefined) return `signal ${signal}`
	return exit === undefined ? undefined : `exit status ${exit}`
}
