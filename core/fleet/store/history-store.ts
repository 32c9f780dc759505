import type { DatabaseSync } from "node:sqlite"
import { type DesktopRun, desktopRunSchema, type PoolResult, poolResultSchema } from "../../schema/desktop.ts"
import { type PoolDuration, poolDurationSchema } from "../../schema/expect-duration.ts"
import { type HistoryCourse, lengthOf, makeBuckets, unitFor } from "../../schema/history-course.ts"
import type { HistoryFilter } from "../services/types.ts"
import { matchOf } from "./pool-texts.ts"
import { parseBodies } from "./rows.ts"

export type HistoryStore = ReturnType<typeof createHistoryStore>

/** Runs of one module that a judgement about its versions rests on. */
const RUNS_JUDGED = 10_000

/** Cells of a grid: 1,000 appliances with 200 pools. */
const MOST_CELLS = 200_000
/** Failures whose causes are compared at most, the newest ones. */
const FAILURES_COMPARED = 10_000

/**
 * How long pools of a module took to be applied, the newest 2000. The plus keeps SQLite to the module's own index: applied is
 * what nearly all results of all modules are.
 */
export const DURATIONS = `SELECT run_id AS run, appliance_id AS applianceId, pool, body ->> '$.durationMs' AS durationMs
	FROM pool_results WHERE module_name = ? AND +outcome = 'applied' AND body ->> '$.kind' = 'apply'
	ORDER BY finished_at DESC LIMIT 2000`

/** Filters that leave so many rows that looking for words is quicker than going through these. */
const WIDE = new Set(["moduleName", "outcome"])
const COLUMNS = { pool: "pool", applianceId: "appliance_id", moduleName: "module_name", outcome: "outcome" } as const

/** Per-pool history: which pool ended how, where and when. */
export function createHistoryStore(db: DatabaseSync, log: (line: string) => void) {
	const ofModule = db.prepare(
		"SELECT body FROM runs WHERE module_name = ? AND ended = 1 ORDER BY started_at DESC, rowid DESC LIMIT ?",
	)
	const ofRuns = db.prepare("SELECT body FROM pool_results WHERE run_id IN (SELECT value FROM json_each(?))")
	const durations = db.prepare(DURATIONS)
	return {
		/** Newest first, and how many there are in all. */
		pools: ({ limit = 200, ...filter }: HistoryFilter): { results: PoolResult[]; total: number } => {
			const { where, values } = makeWhere(filter)
			const rows = db
				.prepare(`SELECT body FROM pool_results ${where} ORDER BY finished_at DESC, rowid DESC LIMIT ?`)
				.all(...values, limit)
			const total = db.prepare(`SELECT count(*) AS total FROM pool_results ${where}`).get(...values)?.total
			return { results: parseBodies(poolResultSchema, rows, log), total: Number(total) }
		},
		/** Failed and degraded ones, newest first. */
		failures: (filter: Omit<HistoryFilter, "limit">): PoolResult[] => {
			const { where, values } = makeWhere(filter, "outcome IN ('failed', 'degraded')")
			// The newest ones are found without their bodies, which are large: sorting would carry all of them along.
			const rows = db
				.prepare(`SELECT body FROM
					(SELECT rowid AS id FROM ${overTime(filter)} ${where} ORDER BY finished_at DESC, rowid DESC LIMIT ?)
					CROSS JOIN pool_results ON pool_results.rowid = id`)
				.all(...values, FAILURES_COMPARED)
			return parseBodies(poolResultSchema, rows, log).sort(byNewest)
		},
		/**
		 * The newest result of each pool on each appliance, as far as it fits outcome and text. A rehearsal changes nothing, and
		 * neither does a run that left the pool out: that counts only where there is nothing else.
		 */
		newest: (filter: Omit<HistoryFilter, "limit">): PoolResult[] => {
			const { pool, applianceId, ...rest } = filter
			const inner = makeWhere({ pool, applianceId }, "kind <> 'rehearse'")
			const outer = makeWhere(rest)
			const rows = db.prepare(makeNewest(inner.where, outer.where)).all(...inner.values, ...outer.values, MOST_CELLS)
			return parseBodies(poolResultSchema, rows, log)
		},
		/** Of these runs, by the desktop's ids. */
		ofRuns: (runs: readonly string[]): PoolResult[] =>
			parseBodies(poolResultSchema, ofRuns.all(JSON.stringify(runs)), log),
		/** How long the pools of a module took to be applied, newest first. */
		durations: (moduleName: string): PoolDuration[] =>
			durations.all(moduleName).map((row) => poolDurationSchema.parse(row)),
		/** How results went over time: counted in buckets that fit how long it was. */
		course: (filter: Omit<HistoryFilter, "limit">): Pick<HistoryCourse, "unit" | "buckets"> => {
			const { where, values } = makeWhere(filter, "kind = 'apply'")
			const from = `${overTime(filter)} ${where}`
			const { first, last } = {
				...db.prepare(`SELECT min(finished_at) AS first, max(finished_at) AS last FROM ${from}`).get(...values),
			}
			const unit = unitFor(String(first), String(last))
			const rows = db
				.prepare(`SELECT substr(finished_at, 1, ${lengthOf(unit)}) AS start, outcome, count(*) AS count,
					sum(duration_ms) AS durationMs FROM ${from} GROUP BY 1, 2`)
				.all(...values)
				.map(({ start, outcome, count, durationMs }) => ({
					...{ start: String(start), outcome: String(outcome), count: Number(count), durationMs: Number(durationMs) },
				}))
			return { unit, buckets: makeBuckets(rows, unit) }
		},
		/** Ended runs of a module, newest first. */
		runsOf: (moduleName: string): DesktopRun[] =>
			parseBodies(desktopRunSchema, ofModule.all(moduleName, RUNS_JUDGED), log),
	}
}

/**
 * Beside max() SQLite takes the other columns from the row that has it. What is not the newest is not where it stands. The
 * inner part reads its index alone, and the rows of what it found come after it.
 */
export function makeNewest(inner: string, outer: string): string {
	return `SELECT body FROM (SELECT rowid AS id, max(place - iif(outcome = 'skipped', 1e14, 0))
			FROM pool_results INDEXED BY pool_results_by_place ${inner} GROUP BY appliance_id, module_name, pool)
		CROSS JOIN pool_results ON pool_results.rowid = id ${outer} LIMIT ?`
}

/** Results by the index that has all that filters ask for; whoever searches has few rows, and looks at more than is in it. */
function overTime({ text }: HistoryFilter): string {
	return text === undefined ? "pool_results INDEXED BY pool_results_over_time" : "pool_results"
}

function byNewest({ finishedAt: a }: PoolResult, { finishedAt: b }: PoolResult): number {
	return a === b ? 0 : a < b ? 1 : -1
}

/** Column names come from the table above, values are bound: nothing of a filter becomes SQL. */
function makeWhere(filter: Omit<HistoryFilter, "limit">, ...terms: string[]) {
	const values: string[] = []
	for (const [key, column] of Object.entries(COLUMNS)) {
		const value = filter[key as keyof typeof COLUMNS]
		if (value === undefined) continue
		// The plus keeps SQLite from the column's index.
		terms.push(filter.text !== undefined && WIDE.has(key) ? `+${column} = ?` : `${column} = ?`)
		values.push(value)
	}
	const match = filter.text === undefined ? undefined : matchOf(filter.text)
	// Nothing of it can be looked for: nothing fits.
	if (filter.text?.trim() && match === undefined) terms.push("0")
	if (match !== undefined) {
		terms.push(`(run_id, pool) IN (SELECT run_id, pool FROM pool_texts JOIN pool_text_ids ON id = pool_texts.rowid
			WHERE pool_texts MATCH ?)`)
		values.push(match)
	}
	return { where: terms.length > 0 ? `WHERE ${terms.join(" AND ")}` : "", values }
}
