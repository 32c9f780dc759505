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
