import { causeOf } from "../../core/schema/failure-cause.ts"
import type { Reason } from "../../core/schema/outcome.ts"
import { type Html, html } from "../../core/schema/report/html.ts"
import { makePage } from "../../core/schema/report/page.ts"
import { sentenceOf } from "../../core/schema/sentences.ts"
import { count, formatDuration } from "../components/format.ts"
import { endWord, poolsOf, type ReportRun, runPart } from "./make-report.ts"

/** Runs that were started together as one page: what became of each appliance, why pools failed, then each run in full. */
export function makeBatchReport(reports: readonly ReportRun[], madeAt: string): string {
	const module = reports[0]?.run.module
	const title = `${module?.name} ${module?.version} on ${count(reports.length, "appliance")}`
	const body = html`<h1>${title}</h1>
${summaryPart(reports)}
${causesPart(reports)}
${reports.map(
	(report, index) => html`<article id="run-${index + 1}">
<h2 class="run">${report.run.applianceName} <span class="outcome" data-outcome="${report.run.outcome}">${report.ending}</span></h2>
${runPart(report)}
</article>`,
)}`
	return makePage(title, body, madeAt)
}

function summaryPart(reports: readonly ReportRun[]): Html {
	const rows = reports.map(
		({ run, view, ending }, index) => html`<tr><td><a href="#run-${index + 1}">${run.applianceName}</a></td>
<td>${ending}</td><td>${poolWords({ run, view })}</td><td>${lengthOf(run)}</td></tr>`,
	)
	return html`<h2>Appliances</h2>
<table class="summary"><thead><tr><th>Appliance</th><th>Ended</th><th>Pools</th><th>Took</th></tr></thead>
<tbody>${rows}</tbody></table>`
}

/** "2 applied; 1 failed, put back". */
function poolWords({ run, view }: Pick<ReportRun, "run" | "view">): string {
	const words = poolsOf(run, view).map((pool) => endWord(pool, run).toLowerCase())
	return [...new Set(words)].map((one) => `${words.filter((other) => other === one).length} ${one}`).join("; ")
}

function lengthOf({ startedAt, finishedAt }: ReportRun["run"]): string {
	return finishedAt === undefined ? "" : formatDuration(Date.parse(finishedAt) - Date.parse(startedAt))
}

/** What failed where, grouped by the words that the failures share; the most frequent first. */
function causesPart(reports: readonly ReportRun[]): Html | undefined {
	const causes = new Map<string, string[]>()
	for (const { cause, where } of reports.flatMap(failuresOf)) causes.set(cause, [...(causes.get(cause) ?? []), where])
	if (causes.size === 0) return undefined
	const sorted = [...causes].sort(([, a], [, b]) => b.length - a.length)
	const items = sorted.map(
		([cause, places]) => html`<li><strong>${count(places.length, "failure")}</strong>: ${cause}
<ul>${places.map((place) => html`<li>${place}</li>`)}</ul></li>`,
	)
	return html`<h2>Why it failed</h2><ol class="causes">${items}</ol>`
}

function failuresOf({ run, view }: ReportRun): { cause: string; where: string }[] {
	if (run.state === "not-started") {
		const cause = run.failure ? sentenceOf(run.failure).what : "the run was not started"
		return [{ cause, where: run.applianceName }]
	}
	return poolsOf(run, view).flatMap(({ pool, outcome, reason }) =>
		outcome === "failed" || outcome === "degraded"
			? [{ cause: causeWords(reason), where: `${pool} on ${run.applianceName}` }]
			: [],
	)
}

function causeWords(reason: Reason | undefined): string {
	return reason ? causeOf(reason) : "no reason was told"
}
