import type { DatabaseSync } from "node:sqlite"
import { type HistoryChoices, historyChoicesSchema } from "../../schema/history-choices.ts"

/** Of each sort, so that whoever is shown them is not shown a book. */
const MOST_CHOICES = 10_000

/** What results can be filtered by, from the first to the last, each found by a jump in its own index: results may be millions. */
const different = (column: string, also = "1") => `WITH RECURSIVE found (value) AS (
		SELECT min(${column}) FROM pool_results
		UNION ALL
		SELECT (SELECT min(${column}) FROM pool_results WHERE ${column} > value) FROM found WHERE value IS NOT NULL
		LIMIT ${MOST_CHOICES})
	SELECT value, ${also} AS name FROM found WHERE value IS NOT NULL`

/** Of a row that is damaged, none. */
const NEWEST_NAME = `(SELECT iif(json_valid(body), body ->> '$.applianceName', NULL) FROM pool_results
	WHERE appliance_id = value ORDER BY finished_at DESC LIMIT 1)`

/** Pools, modules and appliances of which there are results; those of appliances that were removed, too. */
export function createHistoryChoices(db: DatabaseSync) {
	const pools = db.prepare(different("pool"))
	const modules = db.prepare(different("module_name"))
	const appliances = db.prepare(different("appliance_id", NEWEST_NAME))
	return (): HistoryChoices =>
		historyChoicesSchema.parse({
			pools: pools.all().map(({ value }) => value),
			modules: modules.all().map(({ value }) => value),
			appliances: appliances.all().map(({ value, name }) => ({ id: value, name: name ?? value })),
		})
}
