import type { PoolResult } from "../desktop.ts"
import { causeOf } from "../failure-cause.ts"
import { count, formatZonedMoment } from "../phrases.ts"
import type { RolloutHead, RolloutTarget, Undo } from "../rollout.ts"
import { nowWords } from "../rollout-now.ts"
import {
	type Group,
	groupFailures,
	groupSkipped,
	groupUndoFailures,
	groupUnended,
	groupUnreachable,
	type RunResults,
} from "../rollout-reasons.ts"
import { countStandings, countWords, policyRows, standingWord, wavesOf } from "../rollout-words.ts"
import { sentenceOf } from "../sentences.ts"
import { type Html, html } from "./html.ts"
import { makePage } from "./page.ts"

/** Appliances named for one cause; the waves have them all. */
const NAMED = 50

export interface ReportRollout {
	head: RolloutHead
	targets: readonly RolloutTarget[]
	/** Of a run that is not in it nothing is known here. */
	results: RunResults
}

/** A rollout as one page: how it stands, why appliances failed or were away, then each wave with each appliance. */
export function makeRolloutReport(rollout: ReportRollout, madeAt: string): string {
	const { head, targets, results } = rollout
	const title = `${head.module.name} ${head.module.version} to ${count(targets.length, "appliance")}`
	const standing = nowWords(rollout)
	const body = html`<h1>${title}</h1>
<p class="ending">${standing}</p>
<p>${countWords(countStandings(targets))}</p>
${factsOf(head, targets.length)}
${reasonsPart("Could not be put back", groupUndoFailures(targets))}
${reasonsPart("Why it failed", groupFailures(targets, results))}
${reasonsPart("End unknown", groupUnended(targets))}
${reasonsPart("Not reached", groupUnreachable(targets))}
${reasonsPart("Skipped", groupSkipped(targets))}
${wavesOf(targets).map((ofWave, wave) => wavePart(ofWave, wave, results))}`
	return makePage(`${title}: ${standing}`, body, madeAt)
}

function factsOf({ module, pools, force, allowDowngrade, createdAt, id, policy }: RolloutHead, total: number): Html {
	const facts: (readonly [string, string])[] = [
		["Rollout", id],
		["Begun", formatZonedMoment(createdAt)],
		["Digest", module.digest],
		["Pools", pools ? pools.join(", ") : "all"],
		...(force ? [["Applied again", "yes"] as const] : []),
		...(allowDowngrade ? [["Lower version", "allowed"] as const] : []),
		...policyRows(policy, total),
	]
	return html`<dl>${facts.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`
}

function reasonsPart(title: string, groups: readonly Group[]): Html | undefined {
	if (groups.length === 0) return undefined
	return html`<h2>${title}</h2><ol class="causes">${groups.map(groupPart)}</ol>`
}

function groupPart({ cause, targets }: Group): Html {
	const names = targets.slice(0, NAMED).map(({ name }) => html`<li>${name}</li>`)
	const more = targets.length - names.length
	return html`<li><strong>${count(targets.length, "appliance")}</strong>: ${cause}
<ul>${names}${more > 0 ? html`<li>and ${more} more, in the waves below</li>` : undefined}</ul></li>`
}

function wavePart(ofWave: readonly RolloutTarget[], wave: number, results: RunResults): Html {
	const rows = ofWave.map((target) => {
		const word = standingWord(target)
		return html`<tr><td>${target.name}</td><td><span class="outcome" data-outcome="${word}">${word}</span></td>
<td>${poolsOf(target, results)}</td><td>${whyOf(target, results)}</td></tr>`
	})
	return html`<h2>Wave ${wave + 1}${wave === 0 ? ", the canary" : ""}: ${count(ofWave.length, "appliance")}</h2>
<table class="summary"><thead><tr><th>Appliance</th><th>Stands</th><th>Pools</th><th>Why</th></tr></thead>
<tbody>${rows}</tbody></table>`
}

/** "web applied, cron failed"; what was put back, too. */
function poolsOf({ standing, applied }: RolloutTarget, results: RunResults): string {
	const known = resultsOf(standing, results)
	const undone = applied.flatMap(({ pool, undo }) => (undo ? `${pool} ${undoWords(undo)}` : []))
	return [...known.map(({ pool, outcome }) => `${pool} ${outcome}`), ...undone].join(", ")
}

function resultsOf(standing: RolloutTarget["standing"], results: RunResults): readonly PoolResult[] {
	return standing.state === "ended" ? (results.get(standing.run) ?? []) : []
}

function undoWords(undo: Undo): string {
	switch (undo.state) {
		case "undone":
			return "put back"
		case "failed":
			return undo.isDegraded ? "could not be put back, which left it degraded" : "could not be put back"
		default:
			return "is still to be put back"
	}
}

function whyOf({ standing, applied }: RolloutTarget, results: RunResults): string {
	const reasons = resultsOf(standing, results).flatMap(({ pool, reason }) =>
		reason ? `${pool}: ${causeOf(reason)}.` : [],
	)
	const failures = [
		...("failure" in standing && standing.failure ? [standing.failure] : []),
		...applied.flatMap(({ undo }) => (undo && "failure" in undo && undo.failure ? undo.failure : [])),
	]
	return [...reasons, ...failures.map((failure) => sentenceOf(failure).what)].join(" ")
}

/** The same for programs: the rollout, then each appliance, then what is known of each pool; an object each. */
export function* rolloutLines({ head, targets, results }: ReportRollout): Generator<object> {
	// Without the folder, which is the engineer's own business.
	const { folder: _, ...module } = head.module
	yield { type: "rollout", ...head, module }
	for (const target of targets) yield { type: "appliance", rollout: head.id, stands: standingWord(target), ...target }
	for (const result of [...results.values()].flat()) yield { type: "pool", rollout: head.id, ...result }
}
