import { IconAlertTriangle, IconCheck, IconCircleDashed } from "@tabler/icons-react"
import type { DesktopRun } from "../../../core/schema/desktop.ts"
import { finalClosureSentence } from "../../../core/schema/outcome-sentences.ts"
import { formatDuration } from "../../components/format.ts"
import { Spinner, Tag } from "../../components/outcome.tsx"
import type { RunView } from "../../stores/run-view.ts"
import { CommandRows } from "./command-rows.tsx"
import classes from "./live.module.css"
import { ReasonBlock } from "./reason-block.tsx"

/** The final closure: of the whole module, after its pools. */
export function FinalCard({ run, view, live }: { run: DesktopRun; view: RunView; live: boolean }) {
	const result = view.finalClosure ?? run.finalClosure
	const phase = view.final?.phases.at(-1)
	if (!result && !view.final && !live) return null
	const open = view.final !== undefined && result === undefined
	return (
		<section className={classes.card} aria-label="Final closure" data-waiting={(!open && !result) || undefined}>
			<div className={classes.cardHead}>
				<h3 className={classes.cardName}>Final closure</h3>
				<FinalTag outcome={result?.outcome} open={open} />
				<span className={classes.cardTime}>{phase?.durationMs !== undefined && formatDuration(phase.durationMs)}</span>
			</div>
			{(result || view.final) && (
				<div className={classes.cardBody}>
					{result && <p className={classes.sentence}>{finalClosureSentence(result)}</p>}
					{result?.reason && <ReasonBlock reason={result.reason} />}
					{view.final && <CommandRows commands={view.final.commands} live={live} />}
				</div>
			)}
		</section>
	)
}

function FinalTag({ outcome, open }: { outcome: "passed" | "failed" | "not-run" | undefined; open: boolean }) {
	if (open) {
		return (
			<Tag tone="live" icon={<Spinner />}>
				Running
			</Tag>
		)
	}
	if (outcome === "passed") {
		return (
			<Tag tone="good" icon={<IconCheck size={14} stroke={2.4} />}>
				Passed
			</Tag>
		)
	}
	if (outcome === "failed") {
		return (
			<Tag tone="warn" icon={<IconAlertTriangle size={14} />}>
				Failed
			</Tag>
		)
	}
	return (
		<Tag tone="mute" icon={<IconCircleDashed size={14} />}>
			{outcome === "not-run" ? "Not run" : "After the pools"}
		</Tag>
	)
}
