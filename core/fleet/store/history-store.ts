import type { DatabaseSync } from "node:sqlite"
import { type PoolResult, poolResultSchema } from "../../schema/desktop.ts"
import type { HistoryFilter } from "../services/types.ts"
import { parseBodies } from "./rows.ts"

export type HistoryStore = ReturnType<typeof createHistoryStore>

const COLUMNS = { pool: "pool", applianceId: "appliance_id", moduleName: "module_name", outcome: "outcome" } as const

/** Per-pool history: which pool ended how, where and when. */
export function createHistoryStore(db: DatabaseSync, log: (line: string) => void) {
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
	}
}

/** Column names come from the table above, values are bound: nothing of a filter becomes SQL. */
function makeWhere(filter: Omit<HistoryFilter, "limit">) {
	const terms: string[] = []
	const values: string[] = []
	for (const [key, column] of Object.entries(COLUMNS)) {
		const value = filter[key as keyof typeof COLUMNS]
		if (value === undefined) continue
		terms.push(`${column} = ?`)
		values.push(value)
	}
	return { where: terms.length > 0 ? `WHERE ${terms.join(" AND ")}` : "", values }
}
