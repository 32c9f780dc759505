import type { DatabaseSync } from "node:sqlite"
import { z } from "zod"
import { type DesktopRun, desktopRunSchema } from "../../schema/desktop.ts"
import { FailureError } from "../../schema/failure.ts"
import { type FleetGroup, fleetGroupSchema } from "../../schema/fleet-filter.ts"
import type { ApplianceStanding } from "../../schema/match-fleet.ts"
import { parseBodies, parseBody } from "./rows.ts"
import { inTransaction } from "./transaction.ts"

export type FleetStore = ReturnType<typeof createFleetStore>

const groupsSchema = z.array(fleetGroupSchema)

/** Saved groups, and what the history says of each appliance. */
export function createFleetStore(db: DatabaseSync, log: (line: string) => void) {
	const groups = db.prepare("SELECT body FROM settings WHERE name = 'fleet-groups'")
	const keep = db.prepare("INSERT OR REPLACE INTO settings VALUES ('fleet-groups', ?)")
	const lastRun = db.prepare(`SELECT body FROM runs WHERE id =
		(SELECT run_id FROM pool_results WHERE appliance_id = ? ORDER BY finished_at DESC, rowid DESC LIMIT 1)`)
	// Beside max() SQLite takes the other columns from the row that has it. What failed was put back: it changes nothing.
	const standing =
		db.prepare(`SELECT appliance_id AS applianceId, module_name AS name, body ->> '$.moduleVersion' AS version
		FROM (SELECT *, max(place) FROM pool_results WHERE kind IN ('apply', 'revert')
			AND outcome IN ('applied', 'unchanged', 'degraded') GROUP BY appliance_id, module_name, pool)
		WHERE kind = 'apply' AND outcome <> 'degraded'`)

	const list = (): FleetGroup[] => parseBody(groupsSchema, groups.get()) ?? []
	/** Read and written in one: another program may save one too. What cannot be read is not written over. */
	const change = (work: (groups: FleetGroup[]) => FleetGroup[]) =>
		inTransaction(db, () => {
			const row = groups.get()
			const kept = row === undefined ? [] : parseBody(groupsSchema, row)
			if (!kept)
				throw new FailureError("bad-request", { reason: "the groups kept here cannot be read; they stay as is" })
			keep.run(JSON.stringify(work(kept)))
		})
	return {
		groups: list,
		saveGroup: (group: FleetGroup) =>
			change((all) =>
				[...all.filter(({ name }) => name !== group.name), group].sort((a, b) => a.name.localeCompare(b.name)),
			),
		dropGroup: (name: string) => change((all) => all.filter((one) => one.name !== name)),
		/** Of these appliances, as far as there is anything. */
		standings(ids: readonly string[]): ApplianceStanding[] {
			const versions = new Map<string, Map<string, Set<string>>>()
			for (const { applianceId, name, version } of standing.all()) {
				const modules = versions.get(String(applianceId)) ?? new Map<string, Set<string>>()
				versions.set(String(applianceId), modules)
				modules.set(String(name), (modules.get(String(name)) ?? new Set()).add(String(version)))
			}
			return ids.flatMap((applianceId) => {
				const [run] = parseBodies(desktopRunSchema, [lastRun.get(applianceId) ?? []].flat(), log)
				const modules = [...(versions.get(applianceId) ?? [])].map(([name, all]) => ({
					name,
					versions: [...all].sort(),
				}))
				if (!run && modules.length === 0) return []
				return [{ applianceId, modules, ...(run && { lastRun: shorten(run) }) }]
			})
		},
	}
}

/** Without what its pools said: of thousands of appliances that is too much for a list. */
function shorten(run: DesktopRun): DesktopRun {
	const worst = run.pools.find(({ outcome, reason }) => outcome === run.outcome && reason !== undefined)
	const pools = worst?.reason
		? [{ ...worst, reason: { phase: worst.reason.phase, message: worst.reason.message } }]
		: []
	return { ...run, pools }
}
