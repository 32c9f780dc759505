import { z } from "zod"
import { type PoolResult, poolResultSchema } from "./desktop.ts"
import { reasonSchema } from "./outcome.ts"

/** What the newest run of a pool on an appliance came to. */
const gridCellSchema = poolResultSchema
	.pick({ runId: true, moduleVersion: true, kind: true, outcome: true, finishedAt: true })
	.extend({ phase: reasonSchema.shape.phase.optional() })
export type GridCell = z.infer<typeof gridCellSchema>

/** Where every pool stands on every appliance: a row an appliance, a column a pool. */
export const historyGridSchema = z.object({
	pools: z.array(z.object({ pool: z.string(), moduleName: z.string() })),
	appliances: z.array(
		z.object({
			id: z.string(),
			name: z.string(),
			/** In the order of `pools`; null where that pool never ran there. */
			cells: z.array(gridCellSchema.nullable()),
		}),
	),
})
export type HistoryGrid = z.infer<typeof historyGridSchema>

/** The grid of the newest results, one for each appliance, module and pool; pools and appliances by their names. */
export function makeGrid(newest: readonly PoolResult[], nameOf: (result: PoolResult) => string): HistoryGrid {
	const keyOf = ({ moduleName, pool }: Pick<PoolResult, "moduleName" | "pool">) => `${moduleName}\n${pool}`
	const pools = [...new Map(newest.map((result) => [keyOf(result), result])).values()]
		.map(({ pool, moduleName }) => ({ pool, moduleName }))
		.sort((a, b) => a.moduleName.localeCompare(b.moduleName) || a.pool.localeCompare(b.pool))
	const columns = new Map(pools.map((pool, index) => [keyOf(pool), index]))
	const rows = new Map<string, HistoryGrid["appliances"][number]>()
	for (const result of newest) {
		const { applianceId: id } = result
		const row = rows.get(id) ?? { id, name: nameOf(result), cells: pools.map(() => null) }
		rows.set(id, row)
		row.cells[columns.get(keyOf(result)) ?? 0] = cellOf(result)
	}
	const appliances = [...rows.values()].sort((a, b) => a.name.localeCompare(b.name))
	return { pools, appliances }
}

function cellOf({ runId, moduleVersion, kind, outcome, finishedAt, reason }: PoolResult): GridCell {
	return { runId, moduleVersion, kind, outcome, finishedAt, ...(reason && { phase: reason.phase }) }
}
