import type { DatabaseSync } from "node:sqlite"
import { type HistoryRoom, type Retention, retentionSchema } from "../../schema/retention.ts"
import { parseBody } from "./rows.ts"
import type { RunStore } from "./run-store.ts"
import { inTransaction } from "./transaction.ts"

export type RetentionStore = ReturnType<typeof createRetentionStore>

const DAY_MS = 86_400_000

/**
 * Bytes of one appliance's runs at most, needed or not: as many as it can tell in one answer. An appliance invents runs and names
 * of pools without end; a run's body holds all reasons of its pools, and so is a measure of its results, too.
 */
const MOST_OF_ONE = 64 << 20

/** Of rollouts what makes sense: with one row that does not, no run is cleared away. */
const READABLE = "(SELECT iif(json_valid(body), body, '{}') AS body FROM rollout_targets)"

/** Runs that a rollout names: one that is not known would count as never asked for. */
const NAMED = `SELECT body ->> '$.standing.run' FROM ${READABLE} WHERE body ->> '$.standing.run' IS NOT NULL
	UNION SELECT pool.value ->> '$.undo.run' FROM ${READABLE}, json_each(body, '$.applied') AS pool
		WHERE pool.value ->> '$.undo.run' IS NOT NULL`

/**
 * These, where a pool stands now, who brought it there, and what a person may still have to look at. The newest ones are found
 * in an index alone; only what was found is looked up.
 */
const makeNeeded = (whose: string) => `SELECT run_id FROM pool_results
	WHERE ${whose} AND outcome = 'degraded' OR rowid IN (
		SELECT id FROM (SELECT rowid AS id, max(place) FROM pool_results WHERE ${whose} GROUP BY appliance_id, module_name, pool)
		UNION SELECT id FROM (SELECT rowid AS id, max(place) FROM pool_results WHERE ${whose} AND kind IN ('apply', 'revert')
			AND outcome NOT IN ('unchanged', 'skipped') GROUP BY appliance_id, module_name, pool))
	UNION ${NAMED}`
const NEEDED = makeNeeded("true")

/** Runs that one appliance told. */
const SHARE = "runs WHERE appliance_id = :appliance AND run IS NOT NULL AND ended = 1"

/** When a run counts as made: its own start is what the appliance's clock said. */
const PLACE = `coalesce((SELECT max(place) FROM pool_results WHERE run_id = runs.id),
	unixepoch(started_at, 'subsec') * 1000, 0)`

/** How much of the history is kept, and the clearing away of the rest. */
export function createRetentionStore(db: DatabaseSync, runStore: Pick<RunStore, "indexOutput">) {
	const chosen = db.prepare("SELECT body FROM settings WHERE name = 'retention'")
	const choose = db.prepare("INSERT OR REPLACE INTO settings VALUES ('retention', ?)")
	const sums = db.prepare("SELECT count(*) AS runs, coalesce(sum(room), 0) AS room FROM runs")
	/** Also what lies in the write-ahead log still. */
	const pages = db.prepare("SELECT page_count * page_size AS bytes FROM pragma_page_count, pragma_page_size")
	const old =
		db.prepare(`SELECT id FROM (SELECT id, started_at, room, sum(room) OVER (ORDER BY started_at DESC, rowid DESC) AS upTo
		FROM runs WHERE ended = 1) WHERE room > 0 AND (started_at < ? OR upTo > ?) AND id NOT IN (${NEEDED})`)
	const dropEvents = db.prepare("DELETE FROM events WHERE run_id = ?")
	const empty = db.prepare("UPDATE runs SET room = 0 WHERE id = ?")
	const dropRuns = db.prepare(`DELETE FROM runs WHERE ended = 1 AND id NOT IN (${NEEDED})
		AND id IN (SELECT id FROM runs WHERE ended = 1 ORDER BY started_at DESC, rowid DESC LIMIT -1 OFFSET ?)`)
	const share = db.prepare(`SELECT sum(octet_length(body)) AS bytes FROM ${SHARE}`)
	const dropShare = db.prepare(`DELETE FROM runs WHERE id NOT IN (${NAMED}) AND id IN (SELECT id FROM
		(SELECT id, sum(octet_length(body)) OVER (ORDER BY id IN (${makeNeeded("appliance_id = :appliance")}) DESC,
			${PLACE} DESC, rowid DESC) AS upTo FROM ${SHARE}) WHERE upTo > ${MOST_OF_ONE})`)

	const damaged = db.prepare("SELECT 1 FROM rollout_targets WHERE NOT json_valid(body) LIMIT 1")

	const get = (): Retention => parseBody(retentionSchema, chosen.get()) ?? retentionSchema.parse({})
	return {
		get,
		set: (retention: Retention) => void choose.run(JSON.stringify(retention)),
		/** Clears away what is too old or too much, all of it or nothing. The file keeps its size; its room is used again. */
		prune: (now = Date.now()) =>
			inTransaction(db, () => {
				const { outputDays, outputMegabytes, runs } = get()
				const oldest = new Date(now - outputDays * DAY_MS).toISOString()
				for (const { id } of old.all(oldest, outputMegabytes * 1_000_000)) {
					dropEvents.run(id ?? null)
					empty.run(id ?? null)
					// What is not there any more is not found any more.
					runStore.indexOutput(String(id))
				}
				if (!damaged.get()) dropRuns.run(runs)
			}),
		/** Clears away what one appliance told beyond its share: what is needed goes last. */
		pruneShare(appliance: string): void {
			if (Number(share.get({ appliance })?.bytes) > MOST_OF_ONE && !damaged.get()) dropShare.run({ appliance })
		},
		room(): HistoryRoom {
			const { runs, room } = sums.get() ?? {}
			return { retention: get(), bytes: Number(pages.get()?.bytes), outputBytes: Number(room), runs: Number(runs) }
		},
	}
}
