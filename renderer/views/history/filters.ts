import { create } from "zustand"
import type { PoolOutcome } from "../../../core/schema/outcome.ts"
import { goTo } from "../../stores/route.ts"

/** What of the history is shown, and how; null means all. */
export interface Filters {
	shape: "list" | "grid" | "time"
	pool: string | null
	applianceId: string | null
	moduleName: string | null
	outcome: PoolOutcome | null
	/** Words of what pools said. */
	text: string | null
	limit: number
}

export const PAGE = 200
export const MOST = 1000
export const noFilters: Filters = {
	shape: "list",
	pool: null,
	applianceId: null,
	moduleName: null,
	outcome: null,
	text: null,
	limit: PAGE,
}

export const useFilters = create<Filters>(() => noFilters)

export function setFilters(change: Partial<Filters>): void {
	useFilters.setState({ limit: PAGE, ...change })
}

export function showHistoryOf(applianceId: string): void {
	setFilters({ ...noFilters, applianceId })
	goTo({ view: "history" })
}
