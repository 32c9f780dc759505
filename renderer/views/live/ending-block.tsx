import { IconAlertOctagon } from "@tabler/icons-react"
import type { DesktopRun } from "../../../core/schema/desktop.ts"
import { degradedSteps, type EndedPool, endingOf, type HandStep } from "../../../core/schema/ending.ts"
import type { RunKind } from "../../../core/schema/event.ts"
import type { Reason } from "../../../core/schema/outcome.ts"
import { plainText } from "../../../core/schema/plain-text.ts"
import { Copy } from "../../components/code.tsx"
import { sentence } from "../../components/words.ts"
import { useDesktop } from "../../stores/context.ts"
import type { PoolView } from "../../stores/run-view.ts"
import classes from "./live.module.css"
import { ReasonBlock } from "./reason-block.tsx"

interface EndingProps {
	view: PoolView
	kind: RunKind
	run: DesktopRun
}

/** How a pool ended: one answer to each question, then what failed and the last that it said. */
export function EndingBlock({ view, kind, run }: EndingProps) {
	if (view.outcome === undefined) return null
	const ended: EndedPool = { ...view, outcome: view.outcome, kind }
	if (view.outcome === "degraded") return <Emergency view={view} ended={ended} run={run} />
	return (
		<>
			<Answers ended={ended} />
			{view.outcome === "failed" && view.reason && hasMore(view.reason) && <ReasonBlock reason={view.reason} />}
		</>
	)
}

/** Whether there is more to tell than the answers have told. */
function hasMore({ command, output, details }: Reason): boolean {
	return command !== undefined || output !== undefined || (details ?? []).length > 0
}

function Answers({ ended }: { ended: EndedPool }) {
	const { now, why, back, next } = endingOf(ended)
	if (why === undefined) return <p className={classes.sentence}>{now}</p>
	const rows = [
		["On the appliance now", now],
		["Why it failed", why],
		["Put back", back],
		["What to do next", next],
	].filter((row): row is [string, string] => row[1] !== undefined)
	return (
		<dl className={classes.answers} aria-label="How it ended">
			{rows.map(([question, answer]) => (
				<div key={question}>
					<dt>{question}</dt>
					<dd>{answer}</dd>
				</div>
			))}
		</dl>
	)
}

/** The one ending that cannot wait: everything a person needs on the appliance, in the order it is needed. */
function Emergency({ view, ended, run }: { view: PoolView; ended: EndedPool; run: DesktopRun }) {
	const appliance = useDesktop((desktop) => desktop.state?.appliances.find((one) => one.id === run.applianceId))
	const { details, ...reason } = view.reason ?? { phase: "restore" as const, message: "", details: [] }
	return (
		<section className={classes.emergency} aria-label={`Emergency: ${view.pool}`}>
			<div className={classes.emergencyHead}>
				<IconAlertOctagon size={18} aria-hidden />
				<strong>A person must look at this appliance now</strong>
			</div>
			<Answers ended={ended} />
			{(details ?? []).length > 0 && (
				<>
					<h4>What is not as it was</h4>
					<ul className={classes.faults}>
						{details?.map((detail) => (
							<li key={detail}>{sentence(plainText(detail))}</li>
						))}
					</ul>
				</>
			)}
			<h4>By hand</h4>
			<ol className={classes.steps}>
				{degradedSteps(view.pool ?? "", run.run, appliance).map((step) => (
					<Step key={step.text} step={step} />
				))}
			</ol>
			<h4>What failed first</h4>
			<ReasonBlock reason={reason} />
		</section>
	)
}

function Step({ step: { text, copy } }: { step: HandStep }) {
	return (
		<li>
			{text}
			{copy !== undefined && (
				<span className={classes.copyLine}>
					<code>{copy}</code>
					<Copy text={copy} label={`Copy ${copy}`} />
				</span>
			)}
		</li>
	)
}
