import { UnstyledButton } from "@mantine/core"
import { IconChevronRight, IconCircleDashed } from "@tabler/icons-react"
import { memo, useEffect, useRef, useState } from "react"
import type { DesktopRun } from "../../../core/schema/desktop.ts"
import { phaseName } from "../../../core/schema/outcome-sentences.ts"
import { formatDuration } from "../../components/format.ts"
import { Note } from "../../components/note.tsx"
import { OutcomeTag, Spinner, Tag } from "../../components/outcome.tsx"
import { Elapsed } from "../../components/time.tsx"
import { sentence } from "../../components/words.ts"
import { safeText } from "../../stores/ansi.ts"
import { openPhase, type PoolView } from "../../stores/run-view.ts"
import { CommandRows } from "./command-rows.tsx"
import { EndingBlock } from "./ending-block.tsx"
import { FileRows } from "./file-rows.tsx"
import classes from "./live.module.css"
import { PhaseBar } from "./phase-bar.tsx"
import { PhaseLine } from "./phase-line.tsx"
import { awaitedIn } from "./phase-words.ts"

interface PoolCardProps {
	view: PoolView
	run: DesktopRun
	/** Whether the run still goes on. */
	live: boolean
	started: boolean
	/** Brought into view: one came here for this pool. */
	wanted: boolean
}

/** One pool of a run: its phases on a line, and below files, commands and why it failed. */
export const PoolCard = memo(function PoolCard({ view, run, live, started, wanted }: PoolCardProps) {
	const card = useRef<HTMLElement>(null)
	const going = live && view.startedAt !== undefined && view.outcome === undefined
	const failed = view.outcome === "failed" || view.outcome === "degraded"
	const [chosen, setChosen] = useState<boolean>()
	const open = chosen ?? (going || failed || wanted)
	const hasBody = view.files.length > 0 || view.commands.length > 0 || failed || view.outcome !== undefined
	const awaited = going ? awaitedIn(openPhase(view)?.phase) : undefined
	useEffect(() => {
		if (wanted) card.current?.scrollIntoView({ block: "start" })
	}, [wanted])

	return (
		<section
			ref={card}
			className={classes.card}
			aria-label={`Pool ${view.pool}`}
			data-waiting={(!view.startedAt && !view.outcome) || undefined}
			data-outcome={view.outcome}
		>
			<UnstyledButton
				className={classes.cardHead}
				aria-expanded={open}
				disabled={!hasBody}
				onClick={() => setChosen(!open)}
			>
				<IconChevronRight
					size={15}
					className={classes.chevron}
					data-open={open || undefined}
					data-hidden={!hasBody || undefined}
					aria-hidden
				/>
				<h3 className={classes.cardName}>{view.pool}</h3>
				<PoolTag view={view} run={run} live={live} started={started} />
				<span className={classes.cardTime}>
					{going && view.startedAt ? (
						<Elapsed since={view.startedAt} />
					) : (
						view.durationMs !== undefined && formatDuration(view.durationMs)
					)}
				</span>
			</UnstyledButton>
			{(view.phases.length > 0 || going) && (
				<>
					<PhaseBar view={view} going={going} />
					<PhaseLine view={view} going={going} />
				</>
			)}
			{awaited !== undefined && <p className={classes.awaited}>{awaited}</p>}
			{open && hasBody && (
				<div className={classes.cardBody}>
					<EndingBlock view={view} kind={run.kind} run={run} />
					{view.warnings.map((warning) => (
						<Note key={warning} tone="warn" title={sentence(safeText(warning))} />
					))}
					{view.files.length > 0 && <FileRows files={view.files} />}
					<CommandRows commands={view.commands} live={live} />
				</div>
			)}
		</section>
	)
})

function PoolTag({ view, run, live, started }: Omit<PoolCardProps, "wanted">) {
	if (view.outcome) return <OutcomeTag outcome={view.outcome} reason={view.reason} kind={run.kind} />
	if (view.startedAt && live) {
		const phase = openPhase(view)
		return (
			<Tag tone="live" icon={<Spinner />}>
				{phase ? phaseName(phase.phase) : "running"}
			</Tag>
		)
	}
	return (
		<Tag tone="mute" icon={<IconCircleDashed size={14} />}>
			{live ? (started ? "Waiting" : "Not begun") : "Not run"}
		</Tag>
	)
}
