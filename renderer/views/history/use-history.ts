import { useCallback, useState } from "react"
import type { PoolResult } from "../../../core/schema/desktop.ts"
import type { FailureCause } from "../../../core/schema/failure-cause.ts"
import type { HistoryCourse } from "../../../core/schema/history-course.ts"
import type { HistoryGrid } from "../../../core/schema/history-grid.ts"
import { useApp } from "../../stores/context.ts"
import type { Filters } from "./filters.ts"
import { useReading } from "./use-reading.ts"

export interface History {
	results?: PoolResult[]
	total: number
	/** These, the grid and the course, only where they are shown. */
	causes: FailureCause[]
	failures: number
	grid?: HistoryGrid
	course?: HistoryCourse
	error?: unknown
}

const nothing: History = { total: 0, causes: [], failures: 0 }

/** The results that fit the filters, where pools stand, and why pools failed; read again when runs have ended or `round` changes. */
export function useHistory(
	filters: Filters,
	round: number,
	{ causes: withCauses = false, grid: withGrid = false, course: withCourse = false } = {},
): History {
	const { api } = useApp()
	const [history, setHistory] = useState<History>(nothing)
	const read = useCallback(
		async (signal: AbortSignal) => {
			const { pool, applianceId, moduleName, outcome, text, limit } = filters
			const filter = {
				...(pool === null ? {} : { pool }),
				...(applianceId === null ? {} : { applianceId }),
				...(moduleName === null ? {} : { moduleName }),
				...(outcome === null ? {} : { outcome }),
				...(text === null ? {} : { text }),
			}
			try {
				const [results, causes, grid, course] = await Promise.all([
					api.history.pools({ limit, ...filter }, { signal }),
					withCauses ? api.history.causes(filter, { signal }) : undefined,
					withGrid ? api.history.grid(filter, { signal }) : undefined,
					withCourse ? api.history.course(filter, { signal }) : undefined,
				])
				if (signal.aborted) return
				setHistory({ ...nothing, ...results, ...causes, ...(grid && { grid }), ...(course && { course }) })
			} catch (error) {
				if (!signal.aborted) setHistory((now) => ({ ...now, error }))
			}
		},
		[api, filters, withCauses, withGrid, withCourse],
	)
	useReading(read, round)
	return history
}
