import { z } from "zod"
import { create } from "zustand"
import { type PoolOutcome, poolOutcomeSchema } from "../../../core/schema/outcome.ts"
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

/** What was kept of the filters, as far as these still know it. */
const keptSchema = z.object({
	shape: z.enum(["list", "grid", "time"]).catch(noFilters.shape),
	pool: z.string().nullable().catch(null),
	applianceId: z.string().nullable().catch(null),
	moduleName: z.string().nullable().catch(null),
	outcome: poolOutcomeSchema.nullable().catch(null),
	text: z.string().nullable().catch(null),
})

/** Shows what was shown last; from then on each choice is given to `keep`. */
export function keepFilters(last: unknown, keep: (filters: Omit<Filters, "limit">) => void): void {
	useFilters.setState(keptSchema.catch(noFilters).parse(last))
	useFilters.subscribe(({ limit: _, ...filters }) => keep(filters))
}

export function setFilters(change: Partial<Filters>): void {
	useFilters.setState({ limit: PAGE, ...change })
}

export function showHistoryOf(applianceId: string): void {
	setFilters({ ...noFilters, applianceId })
	goTo({ view: "history" })
}
