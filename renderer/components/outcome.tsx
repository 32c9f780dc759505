import {
	IconAlertOctagon,
	IconArrowBackUp,
	IconCheck,
	IconCircleDashed,
	IconClock,
	IconEqual,
	IconLoader2,
	IconPlugConnectedX,
	IconPlugOff,
	IconUpload,
} from "@tabler/icons-react"
import type { ReactNode } from "react"
import type { DesktopRun } from "../../core/schema/desktop.ts"
import type { RunKind } from "../../core/schema/event.ts"
import type { PoolOutcome, Reason } from "../../core/schema/outcome.ts"
import { wasUntouched } from "../../core/schema/outcome-sentences.ts"
import classes from "./outcome.module.css"

export type Tone = "good" | "calm" | "warn" | "bad" | "mute" | "live"

interface Look {
	tone: Tone
	word: string
	icon: ReactNode
}

const size = 14
const looks: Record<PoolOutcome, Look> = {
	applied: { tone: "good", word: "Applied", icon: <IconCheck size={size} stroke={2.4} /> },
	unchanged: { tone: "calm", word: "Unchanged", icon: <IconEqual size={size} stroke={2.2} /> },
	failed: { tone: "warn", word: "Failed, put back", icon: <IconArrowBackUp size={size} stroke={2.2} /> },
	degraded: { tone: "bad", word: "Degraded", icon: <IconAlertOctagon size={size} stroke={2.2} /> },
	skipped: { tone: "mute", word: "Skipped", icon: <IconCircleDashed size={size} /> },
}

/** "Applied" would be untrue of a rehearsal, and of a revert; "put back" of a revert that failed. */
const looksOfKind: Partial<Record<RunKind, Partial<Record<PoolOutcome, Look>>>> = {
	rehearse: { applied: { ...looks.applied, word: "Passed, put back" } },
	revert: {
		applied: { tone: "good", word: "Put back", icon: <IconArrowBackUp size={size} stroke={2.2} /> },
		failed: { ...looks.failed, word: "Not put back" },
	},
}

export function lookOf(outcome: PoolOutcome, reason?: Reason, kind: RunKind = "apply"): Look {
	const ofKind = looksOfKind[kind]?.[outcome]
	if (ofKind) return ofKind
	const look = looks[outcome]
	return outcome === "failed" && wasUntouched(reason) ? { ...look, word: "Failed, nothing touched" } : look
}

/** The class whose `data-tone` gives an element its `--tone` and `--tone-soft`. */
export const toned = classes.toned

/** A word with its icon and colour; the word alone says it all. */
export function Tag({ tone, icon, children }: { tone: Tone; icon?: ReactNode; children: ReactNode }) {
	return (
		<span className={`${classes.tag} ${toned}`} data-tone={tone}>
			<span aria-hidden className={classes.icon}>
				{icon}
			</span>
			{children}
		</span>
	)
}

/** `kind`: of the run that ended so. */
export function OutcomeTag({
	outcome,
	reason,
	kind,
}: {
	outcome: PoolOutcome
	reason?: Reason | undefined
	kind: RunKind
}) {
	const look = lookOf(outcome, reason, kind)
	return (
		<Tag tone={look.tone} icon={look.icon}>
			{look.word}
		</Tag>
	)
}

export function Spinner({ size: pixels = size }: { size?: number }) {
	return <IconLoader2 size={pixels} className={classes.spin} aria-hidden />
}

const states: Record<Exclude<DesktopRun["state"], "finished">, Look> = {
	connecting: { tone: "live", word: "Connecting", icon: <Spinner /> },
	uploading: { tone: "live", word: "Uploading", icon: <IconUpload size={size} /> },
	running: { tone: "live", word: "Running", icon: <Spinner /> },
	lost: { tone: "warn", word: "Connection lost", icon: <IconPlugConnectedX size={size} /> },
	"not-started": { tone: "bad", word: "Not started", icon: <IconPlugOff size={size} /> },
}

/** How a run stands, or how it ended. */
export function lookOfRun(run: DesktopRun): Look {
	if (run.state !== "finished") return states[run.state]
	if (!run.outcome) return { tone: "mute", word: "Ended", icon: <IconClock size={size} /> }
	const hasFailed = run.outcome === "failed" || run.outcome === "degraded"
	if (run.finalClosure?.outcome === "failed" && !hasFailed)
		return { tone: "warn", word: "Final closure failed", icon: <IconAlertOctagon size={size} /> }
	const reason = run.pools.find((pool) => pool.outcome === run.outcome)?.reason
	return lookOf(run.outcome, reason, run.kind)
}

export function RunTag({ run }: { run: DesktopRun }) {
	const look = lookOfRun(run)
	return (
		<Tag tone={look.tone} icon={look.icon}>
			{look.word}
		</Tag>
	)
}
