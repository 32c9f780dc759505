import type { RunKind } from "./event.ts"
import type { FinalClosure, Phase, PoolOutcome, Reason } from "./outcome.ts"
import { plainText } from "./plain-text.ts"

/** What a phase is called towards people. The type proves that none is forgotten. */
const phaseNames: Record<Phase, string> = {
	preflight: "preflight",
	baseline: "checks before",
	backup: "backup",
	apply: "apply",
	closure: "closure",
	checks: "checks after",
	confirm: "confirmation",
	restore: "restore",
	reclosure: "closure after restore",
	"final-closure": "final closure",
}

/** Phases that come before the first write (DESIGN §4). */
const beforeFirstWrite: ReadonlySet<Phase> = new Set(["preflight", "baseline", "backup"])

/** Whether a failed pool never wrote anything: it ended in a phase before the first write. */
export function wasUntouched(reason: Reason | undefined): boolean {
	return reason !== undefined && beforeFirstWrite.has(reason.phase)
}

export function phaseName(phase: Phase): string {
	return phaseNames[phase]
}

/** One sentence on how a pool ended in a sort of run, and whether anybody needs to do something. */
export function outcomeSentence(outcome: PoolOutcome, reason?: Reason, kind: RunKind = "apply"): string {
	if (outcome === "applied" && kind === "rehearse") return "It passed, there and back; everything is as it was."
	if (kind === "revert" && outcome !== "unchanged" && outcome !== "skipped") return revertSentence(outcome, reason)
	switch (outcome) {
		case "applied":
			return "The new files are in place and the closure passed."
		case "unchanged":
			return "It already stands applied at this version; nothing was run."
		case "skipped":
			return "It was not selected, or is disabled; nothing was touched."
		case "failed":
			return wasUntouched(reason)
				? `Nothing was touched: ${reasonText(reason)}.`
				: `Everything was put back and the appliance is as it was${butLeft(reason)}: ${reasonText(reason)}.`
		case "degraded":
			return `It could not be put back completely, so a person must look; the backup is kept: ${reasonText(reason)}.`
	}
}

/** A failed revert was undone itself: it is the earlier run that goes on standing, and not what was there before that. */
function revertSentence(outcome: Exclude<PoolOutcome, "unchanged" | "skipped">, reason?: Reason): string {
	switch (outcome) {
		case "applied":
			return "What stood before is back and the closure passed."
		case "failed":
			return `It could not be put back; ${stillStands(reason)}: ${reasonText(reason)}.`
		case "degraded":
			return `It is neither put back nor as it stood, so a person must look; the backup is kept: ${reasonText(reason)}.`
	}
}

/** What is on the appliance after a revert that failed, as a clause. */
export function stillStands(reason: Reason | undefined): string {
	return `what the earlier run left there still stands${butLeft(reason)}`
}

/** `, but for a file that somebody else changed meanwhile`; empty where there is none. */
export function butLeft(reason: Reason | undefined): string {
	if (!reason?.left) return ""
	return `, but for ${reason.left === 1 ? "a file" : `${reason.left} files`} that somebody else changed meanwhile`
}

/** One sentence on the final closure. */
export function finalClosureSentence({ outcome, why, reason }: FinalClosure): string {
	if (outcome === "passed") return "The final closure passed: the system as a whole works."
	if (outcome === "not-run") return `The final closure did not run${why ? `: ${plainText(why)}` : ""}.`
	return `The final closure failed, nothing was rolled back for it: ${reasonText(reason)}.`
}

/** Which phase failed and why, as a clause: `the closure failed at “npm run build” with exit status 1`. */
export function reasonText(reason: Reason | undefined): string {
	if (!reason) return "no reason was told"
	if (reason.command === undefined) return `${phaseName(reason.phase)} failed, ${plainText(reason.message)}`
	return `${phaseName(reason.phase)} failed at “${plainText(reason.command)}”${commandEnd(reason)}`
}

function commandEnd({ exit, signal, timedOut }: Reason): string {
	if (timedOut) return " because its time was up"
	if (signal !== undefined) return `, ended by ${plainText(signal)}`
	return exit === undefined ? "" : ` with exit status ${exit}`
}
