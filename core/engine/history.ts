import type { HistoryRun } from "../schema/history.ts"
import type { EngineOptions } from "./engine.ts"
import type { Host } from "./host.ts"

export interface HistoryFilter {
	/** Only runs that opened this pool, with this pool only. */
	pool?: string
	/** At most so many runs; 50 when absent. */
	limit?: number
}

/** The runs this appliance remembers, newest first. Takes no lock, writes nothing. */
export async function readHistory(
	host: Host,
	options: EngineOptions,
	filter: HistoryFilter = {},
): Promise<HistoryRun[]> {
	throw new Error(`cannot read the history yet: ${[host, options, filter].length}`)
}
