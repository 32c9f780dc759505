import { type HistoryRun, historyRunSchema } from "../schema/history.ts"
import { readSmallFile } from "./disk/content.ts"
import type { EngineOptions } from "./engine.ts"
import { parseEvents } from "./events/event-text.ts"
import { historyOf } from "./events/history-of.ts"
import type { Host } from "./host.ts"
import { type Layout, makeLayout, runIdPattern } from "./layout.ts"
import { checkStateFolder } from "./state/state-folder.ts"

export interface HistoryFilter {
	/** Only runs that opened this pool, with this pool only. */
	pool?: string
	/** At most so many runs; 50 when absent. */
	limit?: number
}

/** The runs this appliance remembers, newest first. Takes no lock, writes nothing. */
export async function readHistory(
	host: Host,
	options: EngineOptions,
	filter: HistoryFilter = {},
): Promise<HistoryRun[]> {
	const layout = makeLayout(options.stateFolder)
	if (!(await checkStateFolder(host, layout))) return []
	const runs: HistoryRun[] = []
	for (const run of (await host.disk.readFolder(layout.runs)) ?? []) {
		const found = runIdPattern.test(run) ? await readRun(host, layout, run) : undefined
		if (found) runs.push(found)
	}
	return runs
		.filter(({ pools }) => filter.pool === undefined || pools.some(({ pool }) => pool === filter.pool))
		.sort((a, b) => (a.startedAt < b.startedAt ? 1 : -1))
		.slice(0, filter.limit ?? 50)
		.map((run) =>
			filter.pool === undefined ? run : { ...run, pools: run.pools.filter(({ pool }) => pool === filter.pool) },
		)
}

/** The record of a run that has ended; of one that has not, or whose record is damaged, what its events tell. */
async function readRun(host: Host, layout: Layout, run: string): Promise<HistoryRun | undefined> {
	const bytes = await readSmallFile(host, layout.run(run).record)
	const record = bytes && parseRecord(bytes)
	if (record) return record
	const events = await readSmallFile(host, layout.run(run).events, Number.MAX_SAFE_INTEGER)
	return events && historyOf(parseEvents(events).events)
}

function parseRecord(bytes: Uint8Array): HistoryRun | undefined {
	try {
		return historyRunSchema.safeParse(JSON.parse(new TextDecoder().decode(bytes))).data
	} catch {
		return undefined
	}
}
