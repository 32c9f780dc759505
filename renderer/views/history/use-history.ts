import { useEffect, useState } from "react"
import type { PoolResult } from "../../../core/schema/desktop.ts"
import type { FailureCause } from "../../../core/schema/failure-cause.ts"
import type { HistoryCourse } from "../../../core/schema/history-course.ts"
import type { HistoryGrid } from "../../../core/schema/history-grid.ts"
import { useApp, useDesktop } from "../../stores/context.ts"
import type { Filters } from "./filters.ts"

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

/** The results that fit the filters, where pools stand, and why pools failed; read again when a run has ended or `round` changes. */
export function useHistory(
	filters: Filters,
	round: number,
	{ causes: withCauses = false, grid: withGrid = false, course: withCourse = false } = {},
): History {
	const { api } = useApp()
	const [history, setHistory] = useState<History>(nothing)
	const endings = useDesktop((desktop) => desktop.endings)
	const connected = useDesktop((desktop) => desktop.connection === "connected")
	// biome-ignore lint/correctness/useExhaustiveDependencies: an ended run and a new round are reasons to read again
	useEffect(() => {
		if (!connected) return
		let stale = false
		const { pool, applianceId, moduleName, outcome, text, limit } = filters
		const filter = {
			...(pool === null ? {} : { pool }),
			...(applianceId === null ? {} : { applianceId }),
			...(moduleName === null ? {} : { moduleName }),
			...(outcome === null ? {} : { outcome }),
			...(text === null ? {} : { text }),
		}
		const grid = withGrid ? api.history.grid(filter) : undefined
		const causes = withCauses ? api.history.causes(filter) : undefined
		const course = withCourse ? api.history.course(filter) : undefined
		Promise.all([api.history.pools({ limit, ...filter }), causes, grid, course])
			.then(
				([results, causes, grid, course]) =>
					!stale && setHistory({ ...nothing, ...results, ...causes, ...(grid && { grid }), ...(course && { course }) }),
			)
			.catch((error) => !stale && setHistory((now) => ({ ...now, error })))
		return () => {
			stale = true
		}
	}, [api, filters, endings, connected, round, withCauses, withGrid, withCourse])
	return history
}
