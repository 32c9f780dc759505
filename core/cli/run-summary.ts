import type { DesktopRun } from "../schema/desktop.ts"
import type { RunKind } from "../schema/event.ts"
import type { PoolOutcome } from "../schema/outcome.ts"
import { finalClosureSentence, outcomeSentence } from "../schema/outcome-sentences.ts"
import { plainLines, plainText } from "../schema/plain-text.ts"
import { sentenceOf } from "../schema/sentences.ts"
import { paint } from "./terminal.ts"

const MARKS: Record<PoolOutcome, () => string> = {
	applied: () => paint("green", "✔ applied"),
	unchanged: () => paint("green", "= unchanged"),
	skipped: () => paint("dim", "- skipped"),
	failed: () => paint("yellow", "↩ failed, put back"),
	degraded: () => paint(["bold", "red"], "✖ DEGRADED"),
}

/** An outcome as sign and word: never colour alone. */
export function outcomeMark(outcome: PoolOutcome, kind: RunKind = "apply"): string {
	if (outcome === "applied" && kind === "rehearse") return paint("green", "✔ passed, put back")
	if (outcome === "applied" && kind === "revert") return paint("green", "↩ put back")
	if (outcome === "failed" && kind === "revert") return paint("yellow", "↩ not put back")
	return MARKS[outcome]()
}

/** How every run ended, in words for a person. */
export function printSummary(runs: DesktopRun[]): string[] {
	return ["", paint("bold", "Summary"), ...runs.flatMap(printRun)]
}

function printRun(run: DesktopRun): string[] {
	const lines = [
		"",
		paint("bold", plainText(`${run.applianceName}  ${run.module.name} ${run.module.version}`.trimEnd())),
	]
	if (run.failure && run.state === "not-started") {
		const { what, next } = sentenceOf(run.failure)
		return [...lines, `  ${paint("red", "✖ not started")}: ${what}`, `    ${next}`]
	}
	for (const { pool, outcome, reason } of run.pools) {
		if (!outcome) continue
		lines.push(
			`  ${outcomeMark(outcome, run.kind)}  ${paint("bold", plainText(pool))}: ${outcomeSentence(outcome, reason, run.kind)}`,
		)
		if (reason?.output)
			lines.push(
				...plainLines(lastLines(reason.output, 5))
					.split("\n")
					.map((line) => paint("dim", `      ${line}`)),
			)
		for (const detail of reason?.details ?? []) lines.push(`      ${plainText(detail)}`)
	}
	if (run.failure && run.outcome === undefined) {
		const { what, next } = sentenceOf(run.failure)
		const known = run.isDoubtful ? "nobody knows yet whether it began" : "it started, and how it ended is not known"
		lines.push(`  ${paint("red", `✖ ${known}`)}: ${what}`, `    ${next}`)
	}
	if (run.finalClosure) lines.push(`  ${finalClosureSentence(run.finalClosure)}`)
	return lines
}

function lastLines(text: string, count: number): string {
	return text.trimEnd().split("\n").slice(-count).join("\n")
}
