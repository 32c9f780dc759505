import { csvLine } from "../schema/csv.ts"
import type { PoolResult } from "../schema/desktop.ts"
import type { HistoryRun } from "../schema/history.ts"

const COLUMNS = [
	"finished_at",
	"appliance",
	"module",
	"version",
	"kind",
	"pool",
	"outcome",
	"duration_ms",
	"phase",
	"reason",
	"command",
	"exit",
	"run",
]

export const csvHead = (): string => csvLine(COLUMNS)

/** One result that this desktop has seen. */
export function csvResult(result: PoolResult): string {
	const { finishedAt, applianceName, moduleName, moduleVersion, kind, pool, outcome, durationMs, reason, runId } =
		result
	const why = [reason?.phase, reason?.message, reason?.command, reason?.exit]
	return csvLine([
		finishedAt,
		applianceName,
		moduleName,
		moduleVersion,
		kind,
		pool,
		outcome,
		Math.round(durationMs),
		...why,
		runId,
	])
}

/** The pools of one run that an appliance remembers, a line each. */
export function csvRun(appliance: string, run: HistoryRun): string[] {
	return run.pools.map(({ pool, outcome, reason, durationMs }) =>
		csvResult({
			finishedAt: run.finishedAt ?? "",
			applianceId: appliance,
			applianceName: appliance,
			moduleName: run.module.name,
			moduleVersion: run.module.version,
			kind: run.kind,
			pool,
			outcome,
			durationMs,
			...(reason && { reason }),
			runId: run.run,
		}),
	)
}
