import type { HistoryPool, HistoryRun } from "./history.ts"
import { plainText } from "./plain-text.ts"
import { makeTable } from "./text-table.ts"
import { badLine, doubtLine, plainLine, strongLine, type ToneLine } from "./tone-line.ts"

/** One remembered run for a person: when, what, how it ended, who asked, and each pool with its reason. */
export function makeRunLines(run: HistoryRun): ToneLine[] {
	return [
		strongLine(headOf(run)),
		...askerLines(run),
		...poolLines(run.pools),
		...run.pools.flatMap(detailLines),
		...finalLines(run),
	]
}

function headOf({ startedAt, run, kind, module, state, outcome, interrupted }: HistoryRun): string {
	const ended = state === "open" ? "not ended" : (outcome ?? "ended")
	const cut = interrupted ? ", interrupted and recovered" : ""
	const what = `${kind} ${plainText(module.name)} ${plainText(module.version)}`
	return `${plainText(startedAt)}  ${plainText(run)}  ${what}: ${ended}${cut}`
}

function askerLines({ by, from }: HistoryRun): ToneLine[] {
	if (by === undefined && from === undefined) return []
	const who = by === undefined ? "" : ` by ${plainText(by)}`
	return [plainLine(`  asked${who}${from === undefined ? "" : ` from ${plainText(from)}`}`)]
}

function poolLines(pools: HistoryPool[]): ToneLine[] {
	const cells = pools.map(({ pool, outcome, reason }) => [
		plainText(pool),
		outcome,
		reason ? plainText(reason.message) : "",
	])
	return makeTable(cells, "  ").map((text, index) => {
		const outcome = pools[index]?.outcome
		if (outcome === "degraded") return badLine(text)
		return outcome === "failed" ? doubtLine(text) : plainLine(text)
	})
}

function detailLines({ pool, reason }: HistoryPool): ToneLine[] {
	return (reason?.details ?? []).map((detail) => plainLine(`    ${plainText(pool)}: ${plainText(detail)}`))
}

function finalLines({ finalClosure }: HistoryRun): ToneLine[] {
	if (!finalClosure || finalClosure.outcome === "not-run") return []
	const text = `  final closure ${finalClosure.outcome}`
	return [finalClosure.outcome === "failed" ? badLine(text) : plainLine(text)]
}
