import { randomUUID } from "node:crypto"
import type { Appliance } from "../../schema/appliance.ts"
import type { DesktopRun } from "../../schema/desktop.ts"
import { groupByCause } from "../../schema/failure-cause.ts"
import type { HistoryRun } from "../../schema/history.ts"
import { makeGrid } from "../../schema/history-grid.ts"
import { isEnded } from "../store/run-store.ts"
import type { Store } from "../store/store.ts"
import type { Contacts } from "./contacts.ts"
import { isOwnerAlive } from "./owner.ts"
import type { Registry } from "./registry.ts"
import { makeResultHead } from "./run-record.ts"
import type { StateBroadcast } from "./state-service.ts"
import type { HistoryService } from "./types.ts"

/** Seconds an appliance may take to tell its history. */
const HISTORY_SECONDS = 60
/** Runs that are taken over from an appliance at most. */
const SYNC_LIMIT = 1000

/** Runs that are shown one by one on a time line. */
const MARKS = 300

type Deps = {
	store: Store
	state: StateBroadcast
	registry: Registry
	contacts: Contacts
	/** Follows a run that another desktop started and that still goes on; false where it is known here. */
	adopt: (run: DesktopRun & { run: string }, appliance: Appliance) => boolean
}

/** Which pool ended how, where and when: as this desktop knows it, and as the appliances remember it. */
export function createHistory({ store, state, registry, contacts, adopt }: Deps): HistoryService {
	const fetch: HistoryService["fetch"] = (applianceId, filter, signal) =>
		contacts.withRunner(
			registry.reach(applianceId),
			{ seconds: HISTORY_SECONDS, phase: "the history", signal },
			(port) => port.history(filter),
		)
	return {
		pools: (filter) => store.history.pools(filter),
		grid: (filter) =>
			makeGrid(
				store.history.newest(filter),
				({ applianceId, applianceName }) => registry.get(applianceId)?.name ?? applianceName,
			),
		course(filter) {
			const { results, total } = store.history.pools({ ...filter, limit: MARKS })
			const marks = results.map(({ reason, ...result }) => ({ ...result, ...(reason && { phase: reason.phase }) }))
			return { ...store.history.course(filter), marks, total }
		},
		causes(filter) {
			const failures = store.history.failures(filter)
			return { causes: groupByCause(failures), failures: failures.length }
		},
		fetch,
		async sync(applianceId, signal) {
			const appliance = registry.reach(applianceId)
			const limit = { seconds: HISTORY_SECONDS, phase: "the history", signal }
			const { remembered, running } = await contacts.withRunner(appliance, limit, async (port) => ({
				// Before the history, so that a run that ends in between is known to have ended.
				running: (await port.status()).running?.run,
				remembered: await port.history({ limit: SYNC_LIMIT }),
			}))
			const taken = store.inTransaction(() => remembered.flatMap((one) => takeOver(store, appliance, one)))
			for (const { run } of taken) state.publish({ type: "run-changed", run })
			const live = remembered.find(({ run, state }) => run === running && state === "open")
			const isAdopted = live !== undefined && adopt(makeRun(appliance, live, undefined), appliance)
			return { added: taken.filter(({ isNew }) => isNew).length + Number(isAdopted) }
		},
	}
}

/** One run of the appliance is one row here: what is known already, or still followed by a program, stays as it is. */
function takeOver(store: Store, appliance: Appliance, remembered: HistoryRun): { run: DesktopRun; isNew: boolean }[] {
	if (remembered.state === "open" || remembered.outcome === undefined) return []
	const known = store.runs.find(appliance.id, remembered.run)
	if (known && (known.outcome !== undefined || isFollowed(store, known))) return []
	const run = makeRun(appliance, remembered, known)
	store.runs.save(run, null, appliance)
	for (const { pool, outcome, reason, durationMs } of remembered.pools) {
		const rest = { ...(reason && { reason }), finishedAt: run.finishedAt ?? run.startedAt, durationMs }
		store.runs.savePool({ ...makeResultHead(run), pool, outcome, ...rest })
	}
	return [{ run, isNew: known === undefined }]
}

function isFollowed(store: Store, run: DesktopRun): boolean {
	if (isEnded(run)) return false
	return store.runs.open().some((one) => one.run.id === run.id && isOwnerAlive(one.owner))
}

function makeRun(appliance: Appliance, remembered: HistoryRun, known: DesktopRun | undefined) {
	const { run, kind, module, startedAt, outcome, finalClosure, pools } = remembered
	const end = remembered.state === "open" ? {} : { finishedAt: remembered.finishedAt ?? startedAt }
	const made: DesktopRun & { run: string } = {
		id: known?.id ?? randomUUID(),
		batch: known?.batch ?? randomUUID(),
		run,
		applianceId: appliance.id,
		applianceName: appliance.name,
		module: { ...module, ...(known?.module.folder !== undefined && { folder: known.module.folder }) },
		kind,
		state: remembered.state === "open" ? "running" : "finished",
		startedAt,
		...end,
		...(outcome && { outcome }),
		...(finalClosure && { finalClosure }),
		pools: pools.map((one) => ({ pool: one.pool, outcome: one.outcome, ...(one.reason && { reason: one.reason }) })),
	}
	return made
}
