import { Tooltip } from "@mantine/core"
import { IconCheck, IconX } from "@tabler/icons-react"
import { phaseName } from "../../../core/schema/outcome-sentences.ts"
import { formatDuration } from "../../components/format.ts"
import { Spinner } from "../../components/outcome.tsx"
import { Elapsed } from "../../components/time.tsx"
import { type PhaseTime, phaseTimes } from "../../stores/phase-times.ts"
import type { PoolView } from "../../stores/run-view.ts"
import classes from "./live.module.css"
import { comingPhases, phaseExplanation, stateOf } from "./phase-words.ts"

/** A pool's phases in their order, with times; those still to come are faint. */
export function PhaseLine({ view, going }: { view: PoolView; going: boolean }) {
	const coming = comingPhases(
		view.phases.map((phase) => phase.phase),
		going,
	)
	return (
		<ol className={classes.phases} aria-label={`Phases of ${view.pool}`}>
			{phaseTimes(view, Number.NaN).map((time, index) => (
				// biome-ignore lint/suspicious/noArrayIndexKey: a phase may come twice, its place is its identity
				<PhaseStep key={index} time={time} going={going} />
			))}
			{coming.map((phase) => (
				<li key={phase} className={classes.phase} data-state="coming">
					<span className={classes.phaseIcon} aria-hidden />
					<span className={classes.phaseName}>{phaseName(phase)}</span>
				</li>
			))}
		</ol>
	)
}

function startWords(startMs: number): string {
	return startMs === 0 ? "It began with the pool" : `It began ${formatDuration(startMs)} after the pool did`
}

function PhaseStep({ time, going }: { time: PhaseTime; going: boolean }) {
	const { view: phase, startMs } = time
	const state = stateOf(phase, going)
	const back = phase.phase === "restore" || phase.phase === "reclosure"
	return (
		<Tooltip label={`${phaseExplanation(phase.phase)}. ${startWords(startMs)}`}>
			<li className={classes.phase} data-state={state} data-back={back || undefined}>
				<span className={classes.phaseIcon}>
					{state === "ok" && <IconCheck size={11} stroke={3} aria-label="passed" />}
					{state === "failed" && <IconX size={11} stroke={3} aria-label="failed" />}
					{state === "open" && <Spinner size={11} />}
				</span>
				<span className={classes.phaseName}>{phaseName(phase.phase)}</span>
				<span className={classes.phaseTime}>
					{phase.durationMs !== undefined
						? formatDuration(phase.durationMs)
						: state === "open" && <Elapsed since={phase.startedAt} />}
				</span>
			</li>
		</Tooltip>
	)
}
