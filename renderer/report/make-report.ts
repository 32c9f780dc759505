import type { DesktopRun } from "../../core/schema/desktop.ts"
import type { FinalClosure, Reason } from "../../core/schema/outcome.ts"
import { finalClosureSentence, outcomeSentence, phaseName } from "../../core/schema/outcome-sentences.ts"
import { formatZonedMoment } from "../../core/schema/phrases.ts"
import { type Html, html } from "../../core/schema/report/html.ts"
import { makePage } from "../../core/schema/report/page.ts"
import { sentenceOf } from "../../core/schema/sentences.ts"
import { formatBytes, formatDuration } from "../components/format.ts"
import { lookOf } from "../components/outcome.tsx"
import { lastLinesOf, type OutputLog, textOfLine } from "../stores/output-log.ts"
import { type CommandView, emptyPool, type FileView, type PoolView, type RunView } from "../stores/run-view.ts"

/** Lines of one command's output in a report, the last ones; the events have them all. */
const LINES = 400

export interface ReportRun {
	run: DesktopRun
	view: RunView
	/** How the run ended, in a word. */
	ending: string
	/** Why its events, or the last of them, could not be had, in words. */
	missing?: string
}

/** One run as a page of its own: nothing is loaded, nothing runs, whatever the appliance said stays text. */
export function makeReport(report: ReportRun, madeAt: string): string {
	const title = titleOf(report.run)
	const page = html`<h1>${title}</h1>
<p class="ending">${report.ending}</p>
${runPart(report)}`
	return makePage(`${title}: ${report.ending}`, page, madeAt)
}

export function titleOf({ module, applianceName }: DesktopRun): string {
	return `${module.name} ${module.version} on ${applianceName}`
}

/** All that is known of one run. */
export function runPart({ run, view, missing }: ReportRun): Html {
	return html`${factsOf(run, view)}
${missing && html`<p class="warning">Not everything that the run said is here, its output for one. ${missing}</p>`}
${run.failure && html`<p class="why">${sentenceOf(run.failure).what} ${sentenceOf(run.failure).next}</p>`}
${view.warnings.map((warning) => html`<p class="warning">${warning}</p>`)}
${poolsOf(run, view).map((pool) => poolPart(pool, run))}
${finalPart(view.finalClosure ?? run.finalClosure, view.final)}
`
}

function factsOf(run: DesktopRun, view: RunView): Html {
	const finishedAt = view.finishedAt ?? run.finishedAt
	const facts: [string, string | undefined][] = [
		["Appliance", run.applianceName],
		["Module", `${run.module.name} ${run.module.version}`],
		["Digest", run.module.digest],
		["Kind", run.kind],
		["Run", run.run],
		["Started", formatZonedMoment(view.startedAt ?? run.startedAt)],
		["Ended", finishedAt && formatZonedMoment(finishedAt)],
		["Interrupted", view.interrupted ? "yes; it was recovered" : undefined],
	]
	const rows = facts.flatMap(([name, value]) => (value ? [html`<dt>${name}</dt><dd>${value}</dd>`] : []))
	return html`<dl>${rows}</dl>`
}

/** As the events tell them; what they do not tell, as far as the desktop knows. */
export function poolsOf(run: DesktopRun, view: RunView): PoolView[] {
	const known = new Map(run.pools.map((pool) => [pool.pool, pool]))
	const told = new Set(view.pools.map(({ pool }) => pool))
	return [
		...view.pools.map((pool) => ({ ...known.get(pool.pool ?? ""), ...pool })),
		...run.pools.filter(({ pool }) => !told.has(pool)).map((pool) => ({ ...emptyPool, ...pool })),
	]
}

/** How a pool ended, in the app's own word; without an outcome: of a run that was not started, nothing was touched. */
export function endWord({ outcome, reason }: PoolView, { state, kind }: Pick<DesktopRun, "state" | "kind">): string {
	if (outcome) return lookOf(outcome, reason, kind).word
	return state === "not-started" ? "Not run" : "Not ended"
}

function poolPart(pool: PoolView, run: DesktopRun): Html {
	const { outcome, reason, durationMs } = pool
	const open = run.state === "not-started" ? "It was not run: nothing was touched." : "It has not ended."
	const sentence = outcome === undefined ? open : outcomeSentence(outcome, reason, run.kind)
	return html`<section>
<h2>${pool.pool} <span class="outcome" data-outcome="${outcome}">${endWord(pool, run)}</span></h2>
<p>${sentence}${durationMs === undefined ? "" : ` It took ${formatDuration(durationMs)}.`}</p>
${reason && reasonPart(reason)}
${pool.warnings.map((warning) => html`<p class="warning">${warning}</p>`)}
${phasesPart(pool)}
${filesPart(pool.files)}
${pool.commands.map(commandPart)}
</section>
`
}

function reasonPart({ output, details = [] }: Reason): Html {
	const said = output ? html`<pre>${output.trimEnd()}</pre>` : undefined
	const more = details.length > 0 ? html`<ul>${details.map((detail) => html`<li>${detail}</li>`)}</ul>` : undefined
	return html`${said}${more}`
}

function phasesPart({ phases }: PoolView): Html | undefined {
	if (phases.length === 0) return undefined
	const items = phases.map(({ phase, ok, durationMs }) => {
		const end = ok === undefined ? "not ended" : ok ? "passed" : "failed"
		return html`<li>${phaseName(phase)}: ${end}${durationMs === undefined ? "" : `, ${formatDuration(durationMs)}`}</li>`
	})
	return html`<h3>Phases</h3><ol>${items}</ol>`
}

function filesPart(files: FileView[]): Html | undefined {
	if (files.length === 0) return undefined
	const rows = files.map(({ destination, actions, size }) => {
		const bytes = size === undefined ? "" : formatBytes(size)
		return html`<tr><td><code>${destination}</code></td><td>${actions.join(", ")}</td><td>${bytes}</td></tr>`
	})
	return html`<h3>Files</h3><table><tbody>${rows}</tbody></table>`
}

function commandPart(command: CommandView): Html {
	return html`<h3>${phaseName(command.phase)}: <code>${command.command}</code></h3>
<p>${endOf(command)}</p>
${outputPart(command.output)}
`
}

function endOf({ finished, exit, signal, timedOut, durationMs }: CommandView): string {
	const took = durationMs === undefined ? "" : ` after ${formatDuration(durationMs)}`
	if (!finished) return "It has not ended."
	if (timedOut) return `Its time was up${took}.`
	return signal === undefined ? `Exit status ${exit ?? "unknown"}${took}.` : `Ended by ${signal}${took}.`
}

function outputPart(log: OutputLog): Html | undefined {
	if (log.length === 0) return undefined
	const shown = lastLinesOf(log, LINES)
	const left = log.dropped + log.length - shown.length
	const note = left > 0 ? html`<p class="note">${left} lines before are in the events of the run.</p>` : undefined
	return html`${note}<pre>${shown.map((line) => `${textOfLine(line)}${line.hidden > 0 ? " …" : ""}\n`).join("")}</pre>`
}

function finalPart(finalClosure: FinalClosure | undefined, final: PoolView | undefined): Html | undefined {
	if (!finalClosure && !final) return undefined
	return html`<section>
<h2>Final closure</h2>
${finalClosure && html`<p>${finalClosureSentence(finalClosure)}</p>`}
${finalClosure?.reason && reasonPart(finalClosure.reason)}
${final?.commands.map(commandPart)}
</section>
`
}
