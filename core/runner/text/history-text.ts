import type { HistoryRun, Status } from "../../schema/history.ts"
import { plainText } from "../../schema/plain-text.ts"
import { makeTable } from "../../schema/text-table.ts"

/** Runs for a person, in the order given. */
export function printHistory(runs: HistoryRun[]): string[] {
	if (runs.length === 0) return ["no run is remembered here"]
	return runs.flatMap(printRun)
}

function printRun(run: HistoryRun): string[] {
	const { module } = run
	const ended = run.state === "open" ? "not ended" : (run.outcome ?? "ended")
	const cut = run.interrupted ? ", interrupted and recovered" : ""
	const finalClosure = run.finalClosure && run.finalClosure.outcome !== "not-run" ? run.finalClosure.outcome : undefined
	return [
		`${run.startedAt}  ${run.run}  ${run.kind} ${plainText(module.name)} ${plainText(module.version)}: ${ended}${cut}`,
		...printAsker(run),
		...makeTable(
			run.pools.map(({ pool, outcome, reason }) => [pool, outcome, reason ? plainText(reason.message) : ""]),
			"  ",
		),
		...run.pools.flatMap(({ pool, reason }) =>
			(reason?.details ?? []).map((detail) => `    ${plainText(pool)}: ${plainText(detail)}`),
		),
		...(finalClosure ? [`  final closure ${finalClosure}`] : []),
	]
}

function printAsker({ by, from }: HistoryRun): string[] {
	if (by === undefined && from === undefined) return []
	const who = by === undefined ? "" : ` by ${plainText(by)}`
	return [`  asked${who}${from === undefined ? "" : ` from ${plainText(from)}`}`]
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
