import { type HistoryRun, historyRunSchema } from "../schema/history.ts"
import { linkSchema } from "./chain/link.ts"
import { readSmallFile } from "./disk/content.ts"
import { digestOf } from "./disk/digest.ts"
import { parseJson } from "./disk/parse-json.ts"
import { sideBySide } from "./disk/side-by-side.ts"
import type { EngineOptions } from "./engine.ts"
import { parseEvents } from "./events/event-text.ts"
import { historyOf } from "./events/history-of.ts"
import type { Host } from "./host.ts"
import { byTurn } from "./journal/records.ts"
import { type Layout, makeLayout } from "./layout.ts"
import { readRunNames } from "./run-names.ts"
import { readCheckpoint } from "./state/checkpoint.ts"
import { checkStateFolder } from "./state/state-folder.ts"

/** What a record says of itself; its seal comes from its bytes, whatever stands in them. A damaged link is none. */
const recordSchema = historyRunSchema.omit({ seal: true }).extend({ link: linkSchema.optional().catch(undefined) })

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
	const { pool: wanted, limit = 50 } = filter
	const runs: HistoryRun[] = []
	for (const names of await findPages(host, layout, limit)) {
		const found = (await sideBySide(names, (run) => readRun(host, layout, run))).flatMap((run) => run ?? [])
		runs.push(...found.filter(({ pools }) => wanted === undefined || pools.some(({ pool }) => pool === wanted)))
		if (runs.length >= limit) break
	}
	return runs
		.sort((a, b) => byTurn({ ...b, at: b.startedAt }, { ...a, at: a.startedAt }))
		.slice(0, limit)
		.map((run) => (wanted === undefined ? run : { ...run, pools: run.pools.filter(({ pool }) => pool === wanted) }))
}

/** The names of all runs, newest page first: those that no checkpoint knows yet, then as the checkpoint has them. */
async function findPages(host: Host, layout: Layout, size: number): Promise<string[][]> {
	const names = await readRunNames(host, layout)
	const present = new Set(names)
	const ended = ((await readCheckpoint(host, layout))?.runs ?? []).filter((run) => present.has(run)).reverse()
	const known = new Set(ended)
	const pages = [names.filter((name) => !known.has(name))]
	for (let at = 0; at < ended.length; at += size) pages.push(ended.slice(at, at + size))
	return pages
}

/** The record of a run that has ended; of one that has not, or whose record is damaged, what its events tell. */
async function readRun(host: Host, layout: Layout, run: string): Promise<HistoryRun | undefined> {
	const bytes = await readSmallFile(host, layout.run(run).record)
	const record = bytes && parseJson(recordSchema, bytes)
	if (record) {
		const { link, ...told } = record
		return link ? { ...told, seal: { ...link, digest: digestOf(host, bytes) } } : told
	}
	const events = await readSmallFile(host, layout.run(run).events, Number.MAX_SAFE_INTEGER)
	return events && historyOf(parseEvents(events).events)
}
