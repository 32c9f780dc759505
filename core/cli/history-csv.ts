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

/** One result; `run`: the run's id on the appliance, which `hotfix revert --run` takes. */
export function csvResult(result: Omit<PoolResult, "runId" | "applianceId">, run: string | undefined): string {
	const { finishedAt, applianceName, moduleName, moduleVersion, kind, pool, outcome, durationMs, reason } = result
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
		run,
	])
}

/** The pools of one run that an appliance remembers, a line each. */
export function csvRun(appliance: string, run: HistoryRun): string[] {
	const { kind, module } = run
	const head = { applianceName: appliance, moduleName: module.name, moduleVersion: module.version, kind }
	return run.pools.map(({ finishedAt = run.finishedAt ?? "", ...pool }) =>
		csvResult({ ...head, ...pool, finishedAt }, run.run),
	)
}
