import { Button } from "@mantine/core"
import type { DesktopRun } from "../../../core/schema/desktop.ts"
import { RECOVERED, runAdvice } from "../../../core/schema/ending.ts"
import type { RunKind } from "../../../core/schema/event.ts"
import type { PoolOutcome } from "../../../core/schema/outcome.ts"
import { wasUntouched } from "../../../core/schema/outcome-sentences.ts"
import { count } from "../../components/format.ts"
import { Note } from "../../components/note.tsx"
import { lookOfRun } from "../../components/outcome.tsx"
import { useApp, useRoute } from "../../stores/context.ts"
import { hashOf } from "../../stores/route.ts"
import { triedPools } from "../history/offers.ts"
import { reviewAgain } from "../history/run-again.ts"

/** How a run ended, in a sentence or two, and what this program can do about it. */
export function ResultNote({ run, interrupted }: { run: DesktopRun; interrupted: boolean }) {
	if (run.state !== "finished" || !run.outcome) return null
	const finalFailed = run.finalClosure?.outcome === "failed"
	const advice = runAdvice({ outcome: run.outcome, kind: run.kind }, finalFailed, run.applianceName)
	return (
		<Note
			tone={noteToneOf(run)}
			title={resultWords(run)}
			loud={run.outcome === "degraded"}
			actions={advice !== "" && <NextActions run={run} />}
		>
			{[interrupted ? RECOVERED : "", advice].join(" ").trim() || undefined}
		</Note>
	)
}

/** What changed nothing is no news, unless its final closure failed. */
export function noteToneOf(run: DesktopRun) {
	const { tone } = lookOfRun(run)
	return tone === "calm" ? "mute" : tone
}

/** Running again begins with choosing: nothing starts by this click. */
function NextActions({ run }: { run: DesktopRun }) {
	const { workspace } = useApp()
	const isRecord = useRoute().view === "record"
	const { folder, version } = run.module
	const again = { version, isOfVersion: false, pools: triedPools(run), applianceId: run.applianceId }
	return (
		<>
			{folder !== undefined && run.kind === "apply" && run.outcome !== "degraded" && (
				<Button size="compact-sm" variant="default" onClick={() => void reviewAgain(workspace, { folder, ...again })}>
					Run again …
				</Button>
			)}
			{!isRecord && (
				<Button size="compact-sm" variant="default" component="a" href={hashOf({ view: "record", run: run.id })}>
					Open the record
				</Button>
			)}
		</>
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
			if (kind === "revert") return `${number} could not be put back`
			return pools.every((pool) => wasUntouched(pool.reason))
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
