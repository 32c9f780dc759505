import type { DesktopRun } from "../../../core/schema/desktop.ts"
import type { RunKind } from "../../../core/schema/event.ts"
import type { PoolOutcome } from "../../../core/schema/outcome.ts"
import { count } from "../../components/format.ts"
import { Note } from "../../components/note.tsx"
import { isUntouched, lookOf, type Tone } from "../../components/outcome.tsx"

/** How a run ended, in a sentence or two. */
export function ResultNote({ run, interrupted }: { run: DesktopRun; interrupted: boolean }) {
	if (run.state !== "finished" || !run.outcome) return null
	const finalFailed = run.finalClosure?.outcome === "failed"
	const tone: Tone = run.outcome === "applied" && finalFailed ? "warn" : lookOf(run.outcome).tone
	return (
		<Note tone={tone === "calm" ? "mute" : tone} title={resultWords(run)} loud={run.outcome === "degraded"}>
			{adviceOf(run, interrupted)}
		</Note>
	)
}

const order: PoolOutcome[] = ["degraded", "failed", "applied", "unchanged", "skipped"]

/** "1 pool failed and was put back, 2 applied." */
export function resultWords(run: Pick<DesktopRun, "kind" | "pools" | "finalClosure">): string {
	const parts = order.flatMap((outcome) => {
		const pools = run.pools.filter((pool) => pool.outcome === outcome)
		return pools.length === 0 ? [] : [phraseOf(outcome, pools, run.kind)]
	})
	const final = run.finalClosure?.outcome
	if (final === "passed") parts.push("the final closure passed")
	if (final === "failed") parts.push("the final closure failed")
	const text = parts.join(", ") || "nothing was to be done"
	return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}

function phraseOf(outcome: PoolOutcome, pools: DesktopRun["pools"], kind: RunKind): string {
	const number = count(pools.length, "pool")
	const were = pools.length === 1 ? "was" : "were"
	switch (outcome) {
		case "degraded":
			return `${number} ${pools.length === 1 ? "is" : "are"} degraded`
		case "failed":
			return pools.every((pool) => isUntouched(pool.reason))
				? `${number} failed before anything was touched`
				: `${number} failed and ${were} put back`
		case "applied":
			if (kind === "rehearse") return `${number} passed, and ${were} put back`
			return kind === "revert" ? `${number} ${were} put back` : `${number} applied`
		case "unchanged":
			return `${number} stood applied already`
		case "skipped":
			return `${number} skipped`
	}
}

function adviceOf(run: DesktopRun, interrupted: boolean): string {
	const recovered = interrupted ? "The runner had died in the middle; the run was ended by a later recovery. " : ""
	if (run.outcome === "degraded") {
		return `${recovered}Look at ${run.applianceName} now: a pool could not be verified back. Its backup stays on the appliance.`
	}
	if (run.outcome === "failed") {
		return `${recovered}What failed is as it was before. See why below, mend the module or the appliance, and run again: only what is not applied is tried.`
	}
	if (run.finalClosure?.outcome === "failed") {
		return `${recovered}The pools stay applied, nothing is rolled back. See below which command failed, and look at the appliance.`
	}
	return recovered
}
