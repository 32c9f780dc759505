import type { HistoryProof } from "../../engine/chain/verify-history.ts"
import type { HistoryRun, Status } from "../../schema/history.ts"
import { makeRunLines } from "../../schema/history-lines.ts"
import { plainText } from "../../schema/plain-text.ts"
import { makeTable } from "../../schema/text-table.ts"

/** Runs for a person, in the order given. */
export function printHistory(runs: HistoryRun[]): string[] {
	if (runs.length === 0) return ["no run is remembered here"]
	return runs.flatMap(makeRunLines).map(({ text }) => text)
}

/** What stands on this machine, for a person. */
export function printStatus({ running, interrupted, modules }: Status): string[] {
	const by = running?.by ? ` by ${plainText(running.by)}` : ""
	return [
		running ? `run ${running.run} is going on since ${running.since}${by}` : "no run is going on",
		...interrupted.map((run) => `run ${run} ended without a word: run \`hotfix-runner recover\``),
		...modules.flatMap(({ name, version, pools }) => [
			`${plainText(name)} ${plainText(version)}`,
			...makeTable(
				pools.map(({ pool, outcome, run, at }) => [pool, outcome, at, run]),
				"  ",
			),
		]),
	]
}

/** Whether the history is as it was written, for a person: the first fault first. */
export function printProof(proof: HistoryProof): string[] {
	const { state, head, chained, gone, goneRanges, unknownBefore, notChained, open, faults } = proof
	const ranges = goneRanges.map(({ from, to }) => (from === to ? `${from}` : `${from} to ${to}`))
	const tidied = gone > 0 ? `, ${gone} tidied away (${listed(ranges)})` : ""
	return [
		verdicts[state],
		...(unknownBefore === undefined ? [] : [`  what was before record ${unknownBefore} is not known`]),
		...faults.map((fault) => `  ${plainText(fault)}`),
		`${chained} records in the chain${tidied}`,
		...(head ? [`newest record: ${head.number} ${head.digest}`] : []),
		...(notChained.length > 0
			? [`not chained (an older runner's, or another run's journal could not be read then): ${listed(notChained)}`]
			: []),
		...(open.length > 0 ? [`not ended, so not recorded yet: ${listed(open)}`] : []),
	]
}

const verdicts = {
	whole: "the history is as it was written",
	broken: "the history was changed:",
	unknown: "the history is as it was written, as far as can be told:",
}

function listed(runs: string[]): string {
	const shown = runs.slice(0, 20).join(", ")
	return runs.length > 20 ? `${shown} and ${runs.length - 20} more` : shown
}
