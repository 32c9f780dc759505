import type { DatabaseSync } from "node:sqlite"
import { type Appliance, applianceSchema } from "../../schema/appliance.ts"
import { type DesktopRun, desktopRunSchema, type PoolResult, poolResultSchema } from "../../schema/desktop.ts"
import { createPoolTexts } from "./pool-texts.ts"
import { parseBodies, parseBody } from "./rows.ts"
import { inTransaction } from "./transaction.ts"

export type RunStore = ReturnType<typeof createRunStore>

/** Milliseconds; 0 for what is no moment: an appliance may say anything. */
export const parseMoment = (text: string) => Date.parse(text) || 0

export const isEnded = (run: DesktopRun) => run.state === "finished" || run.state === "not-started"

/** Runs and their pools' results. One run of an appliance is one row, however it became known. */
export function createRunStore(db: DatabaseSync, log: (line: string) => void) {
	const one = db.prepare("SELECT body FROM runs WHERE id = ?")
	const byRun = db.prepare("SELECT body FROM runs WHERE appliance_id = ? AND run = ?")
	const open = db.prepare(
		"SELECT body, owner, appliance FROM runs WHERE ended = 0 ORDER BY started_at DESC, rowid DESC",
	)
	const ended = db.prepare("SELECT body FROM runs WHERE ended = 1 ORDER BY started_at DESC, rowid DESC LIMIT ?")
	const upsert =
		db.prepare(`INSERT INTO runs (id, run, appliance_id, module_name, started_at, ended, owner, appliance, changed, body)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, (SELECT coalesce(max(changed), 0) + 1 FROM runs), ?)
		ON CONFLICT (id) DO UPDATE SET run = excluded.run, started_at = excluded.started_at, ended = excluded.ended, owner = excluded.owner,
			appliance = coalesce(excluded.appliance, appliance), changed = excluded.changed, body = excluded.body`)
	const removeTwin = db.prepare("DELETE FROM runs WHERE appliance_id = ? AND run = ? AND id <> ?")
	const claim = db.prepare("UPDATE runs SET owner = ? WHERE id = ? AND owner IS ? AND ended = 0")
	const pool = db.prepare(`INSERT INTO pool_results VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (run_id, pool) DO UPDATE SET outcome = excluded.outcome, finished_at = excluded.finished_at,
			body = excluded.body, kind = excluded.kind, duration_ms = excluded.duration_ms, place = excluded.place`)
	const poolsOf = db.prepare("SELECT body FROM pool_results WHERE run_id = ?")
	const placesOf =
		db.prepare(`SELECT run, min(place) AS first, max(place) AS last FROM runs JOIN pool_results ON run_id = id
		WHERE runs.appliance_id = ? AND run IN (SELECT value FROM json_each(?)) GROUP BY run`)
	const highest = db.prepare(
		"SELECT max(place) AS place FROM pool_results INDEXED BY pool_results_by_place WHERE appliance_id = ?",
	)
	const texts = createPoolTexts(db)
	const latest = db.prepare("SELECT coalesce(max(changed), 0) AS changed FROM runs")
	const foreign = db.prepare(
		"SELECT body, changed FROM runs WHERE changed > ? AND owner IS NOT ? ORDER BY changed LIMIT 1000",
	)

	const find = (applianceId: string, run: string) => parseBody(desktopRunSchema, byRun.get(applianceId, run))
	const save = (run: DesktopRun, owner: string | null, appliance?: Appliance) =>
		inTransaction(db, () => {
			const { id, applianceId, module, startedAt } = run
			const isOver = isEnded(run) ? 1 : 0
			const reached = appliance ? JSON.stringify(applianceSchema.parse(appliance)) : null
			if (run.run !== undefined) removeTwin.run(applianceId, run.run, id)
			upsert.run(id, run.run ?? null, applianceId, module.name, startedAt, isOver, owner, reached, JSON.stringify(run))
		})

	return {
		get: (id: string) => parseBody(desktopRunSchema, one.get(id)),
		/** Whether there is a row, readable or not. */
		has: (id: string): boolean => one.get(id) !== undefined,
		/** The row of an appliance's own run id. */
		find,
		/** Writes a run as it is now. One that came from the appliance's history while this could not be written gives way. */
		save,
		/** Writes a run that became known just now, unless it is known already; of several programs one succeeds. */
		add: (run: DesktopRun & { run: string }, owner: string, appliance: Appliance): boolean =>
			inTransaction(db, () => {
				if (find(run.applianceId, run.run)) return false
				save(run, owner, appliance)
				return true
			}),
		/** Runs that have not ended, with the program that follows each. */
		open: () =>
			open.all().flatMap((row) => {
				const run = parseBody(desktopRunSchema, row)
				const appliance = parseBody(applianceSchema, { body: row.appliance })
				return run ? [{ run, appliance, owner: row.owner === null ? null : String(row.owner) }] : []
			}),
		/** Newest first: all that have not ended, then the newest `limit` ended ones. */
		list: (limit: number): DesktopRun[] =>
			parseBodies(desktopRunSchema, [...open.all(), ...ended.all(limit)], log).sort((a, b) =>
				b.startedAt.localeCompare(a.startedAt),
			),
		/** Takes over a run whose program died; false when another program was quicker. */
		claim: (id: string, from: string | null, to: string): boolean => claim.run(to, id, from).changes > 0,
		/**
		 * After the events of the pool, whose output can then be searched. `place`: when it counts as made, milliseconds; the
		 * newest one tells where a pool stands.
		 */
		savePool(result: PoolResult, place = parseMoment(result.finishedAt)): void {
			const { runId, pool: name, applianceId, moduleName, outcome, finishedAt, kind, durationMs } = result
			const body = JSON.stringify(result)
			pool.run(runId, name, applianceId, moduleName, outcome, finishedAt, body, kind, durationMs, place)
			texts.index(result)
		},
		/** The first and the last place of each of an appliance's own runs, of which there are results. */
		places: (applianceId: string, runs: readonly string[]) =>
			new Map(
				placesOf
					.all(applianceId, JSON.stringify(runs))
					.map(({ run, first, last }) => [String(run), { first: Number(first), last: Number(last) }]),
			),
		/** The highest place of an appliance's results, if there are any. */
		highestPlace: (applianceId: string): number | undefined => {
			const place = highest.get(applianceId)?.place
			return typeof place === "number" ? place : undefined
		},
		/** Makes searchable what is there of a run's output: what came after its pools' results, or is left of it. */
		indexOutput(runId: string): void {
			for (const result of parseBodies(poolResultSchema, poolsOf.all(runId), log)) texts.index(result)
		},
		/** Number of the newest write to any run, of whichever program. */
		latestChange: () => Number(latest.get()?.changed),
		/** What other programs wrote since a number. */
		changedByOthers: (since: number, owner: string): DesktopRun[] =>
			parseBodies(desktopRunSchema, foreign.all(since, owner), log),
	}
}
