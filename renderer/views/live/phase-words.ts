import type { Phase } from "../../../core/schema/outcome.ts"
import type { PhaseView } from "../../stores/run-view.ts"

const explanations: Record<Phase, string> = {
	preflight: "Sources, destinations, owners and space are looked at; nothing is touched",
	baseline: "The pool's checks, before anything is touched",
	backup: "Every destination is kept, verified and on disk, before the first write",
	apply: "The new files are put in place",
	closure: "The commands that prove that the pool works",
	checks: "The pool's checks once more",
	confirm: "Waits for this program to connect anew and confirm",
	restore: "Every destination is put back as it was and verified",
	reclosure: "The closure once more, on the files as they were",
	"final-closure": "The commands that prove the whole system",
}

export function phaseExplanation(phase: Phase): string {
	return explanations[phase]
}

const usual: Phase[] = ["preflight", "baseline", "backup", "apply", "closure", "checks"]

/** The phases still to come of an open pool, as far as can be told; checks only where there was a baseline. */
export function comingPhases(begun: Phase[], open: boolean): Phase[] {
	if (!open || begun.includes("restore")) return []
	const last = Math.max(-1, ...begun.map((phase) => usual.indexOf(phase)))
	const hasChecks = begun.includes("baseline")
	return usual.slice(last + 1).filter((phase) => phase !== "baseline" && (phase !== "checks" || hasChecks))
}

/** What a phase waits for, where that is not its own commands. */
export function awaitedIn(phase: Phase | undefined): string | undefined {
	if (phase !== "confirm") return undefined
	return "Waits for this program to connect anew and confirm: only that proves that the appliance can still be reached. Without it the pool is put back."
}

/** `cut`: it never ended, and nothing goes on. */
export function stateOf({ ok }: PhaseView, going: boolean): "open" | "cut" | "ok" | "failed" {
	if (ok === undefined) return going ? "open" : "cut"
	return ok ? "ok" : "failed"
}
