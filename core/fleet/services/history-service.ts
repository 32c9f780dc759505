import { randomUUID } from "node:crypto"
import { isDeepStrictEqual } from "node:util"
import type { RunnerPort } from "../../protocol/runner-port.ts"
import type { Appliance } from "../../schema/appliance.ts"
import type { DesktopRun } from "../../schema/desktop.ts"
import { groupByCause } from "../../schema/failure-cause.ts"
import type { HistoryRun, Status } from "../../schema/history.ts"
import { makeGrid } from "../../schema/history-grid.ts"
import { acceptPast, comparePast, type Past, type PastFault, type ToldHistory } from "../../schema/history-past.ts"
import { addressOf } from "../store/appliance-store.ts"
import { isEnded } from "../store/run-store.ts"
import type { Store } from "../store/store.ts"
import type { Contacts } from "./contacts.ts"
import { failureOf } from "./failure-of.ts"
import { isOwnerAlive } from "./owner.ts"
import { placeRuns } from "./place-runs.ts"
import type { Registry } from "./registry.ts"
import { makeResultHead } from "./run-record.ts"
import { MAX_POOLS } from "./run-state.ts"
import { shortenFinalClosure, shortenReason } from "./shorten-reason.ts"
import type { StateBroadcast } from "./state-service.ts"
import { syncAll } from "./sync-all.ts"
import type { HistoryService } from "./types.ts"

/** Seconds an appliance may take to tell its history. */
const HISTORY_SECONDS = 60
/** Runs that are taken over from an appliance at most. */
const SYNC_LIMIT = 1000

/** Runs that are asked for first when there may be none that are new; where none of them is known, all are. */
const FIRST_LOOK = 50
/** An appliance that is reached is asked at most this often, milliseconds. */
const CATCH_UP_MS = 10 * 60_000
/** Runs that are shown one by one on a time line. */
const MARKS = 300

/** What was told, and what was remembered and the highest place here when it was asked for. */
type Told = Pick<ToldHistory, "runs" | "isWhole"> & { before: Past | undefined; highest: number | undefined }
type Standing = Pick<Status, "running" | "interrupted">

type Deps = {
	store: Store
	state: StateBroadcast
	registry: Registry
	contacts: Contacts
	/** Follows a run that another desktop started and that still goes on; false where it is known here. */
	adopt: (run: DesktopRun & { run: string }, appliance: Appliance) => boolean
	log: (line: string) => void
}

export type History = HistoryService & {
	/** Asks an appliance that is connected for what is new, unless it was asked a short while ago; never fails. */
	catchUp(appliance: Appliance, port: RunnerPort): Promise<void>
}

/** Which pool ended how, where and when: as this desktop knows it, and as the appliances remember it. */
export function createHistory({ store, state, registry, contacts, adopt, log }: Deps): History {
	/** When each appliance was last asked. */
	const caughtUp = new Map<string, number>()
	/** Appliances that were asked for everything, because what they told first began after what is known here. */
	const wholes = new Set<string>()
	const fetch: HistoryService["fetch"] = (applianceId, filter, signal) =>
		contacts.withRunner(
			registry.reach(applianceId),
			{ seconds: HISTORY_SECONDS, phase: "the history", signal },
			(port) => port.history(filter),
		)
	return {
		pools: (filter) => store.history.pools(filter),
		choices: () => store.historyChoices(),
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
		ofRuns: (runs) => store.history.ofRuns(runs),
		durations: (moduleName) => store.history.durations(moduleName),
		fetch,
		sync: (applianceId, signal) => sync(registry.reach(applianceId), signal),
		acceptPast: (applianceId, fault, signal) => sync(registry.reach(applianceId), signal, fault),
		syncAll: (signal) => syncAll(registry.list(), sync, signal),
		room: () => store.retention.room(),
		keep(retention) {
			store.retention.set(retention)
			store.retention.prune()
			return store.retention.room()
		},
		async catchUp(appliance, port) {
			const { id } = appliance
			if (!registry.get(id) || Date.now() - (caughtUp.get(id) ?? 0) < CATCH_UP_MS) return
			caughtUp.set(id, Date.now())
			try {
				const status = await port.status()
				const newest = await ask(id, port, FIRST_LOOK)
				const oldest = newest.runs.at(-1)
				const isGap = !newest.isWhole && oldest && !store.runs.find(id, oldest.run)
				// Once: what is not kept here for long would be fetched for ever.
				const isMissed = isGap && !wholes.has(id)
				const isWhole = isMissed || lookAt(appliance, newest, status) === "unclear"
				const told = isWhole ? await ask(id, port, SYNC_LIMIT) : newest
				if (isMissed) wholes.add(id)
				absorb(appliance, told, status)
			} catch (error) {
				caughtUp.delete(id)
				log(`cannot catch up with the history of ${appliance.name}: ${failureOf(error).code}`)
			}
		},
	}

	async function sync(appliance: Appliance, signal?: AbortSignal, accepted?: PastFault) {
		caughtUp.set(appliance.id, Date.now())
		const limit = { seconds: HISTORY_SECONDS, phase: "the history", signal }
		try {
			const { told, status } = await contacts.withRunner(appliance, limit, async (port) => ({
				// Before the history, so that a run that ends in between is known to have ended.
				status: await port.status(),
				told: await ask(appliance.id, port, SYNC_LIMIT),
			}))
			return { added: absorb(appliance, told, status, accepted) }
		} catch (error) {
			caughtUp.delete(appliance.id)
			throw error
		}
	}

	async function ask(id: string, port: RunnerPort, limit: number): Promise<Told> {
		const before = registry.get(id)?.past
		const highest = store.runs.highestPlace(id)
		// More than were asked for would be no end.
		const runs = (await port.history({ limit })).slice(0, limit)
		return { before, highest, runs, isWhole: limit === SYNC_LIMIT || runs.length < limit }
	}

	/** What is to be remembered of its past after this. */
	function lookAt({ id }: Appliance, { runs, isWhole }: Told, status: Standing, accepted?: PastFault) {
		// The record of a run that is not over may be written once more.
		const unsettled = [...status.interrupted, ...(status.running ? [status.running.run] : [])]
		const told = { runs, isWhole, unsettled }
		const at = new Date().toISOString()
		const past = comparePast(registry.get(id)?.past, told, at)
		const isAccepted = accepted && past !== "unclear" && isDeepStrictEqual(past?.fault, accepted)
		return isAccepted ? acceptPast(told, at) : past
	}

	/** Whether its past still is what was seen of it; accepted, it is from now on. */
	function lookBack(appliance: Appliance, told: Told, status: Standing, accepted?: PastFault): void {
		const { id, name } = appliance
		const now = registry.get(id)
		// It was asked at an address that it no longer has.
		if (!now || !isDeepStrictEqual(addressOf(now), addressOf(appliance))) return
		// Somebody else looked meanwhile, this program or another one: what was asked for before may know less, which is no fault.
		// What a person takes as it is is looked at in any case.
		if (!accepted && !isSamePast(told.before, now.past)) return
		const past = lookAt(appliance, told, status, accepted)
		if (past === "unclear" || isSamePast(past, now.past)) return
		if (past?.fault) log(`the history of ${name} is not what was seen: ${JSON.stringify(past.fault)}`)
		registry.see(id, { past })
	}

	/** How many runs are new here. */
	function absorb(appliance: Appliance, told: Told, status: Standing, accepted?: PastFault): number {
		const { runs: remembered } = told
		const { running } = status
		lookBack(appliance, told, status, accepted)
		const taken = store.inTransaction(() => {
			const placeOf = createPlaces(store, appliance, told)
			const all = remembered.flatMap((one) => takeOver(store, appliance, one, placeOf))
			if (all.length > 0) {
				store.retention.pruneShare(appliance.id)
				store.retention.prune()
			}
			return all.filter(({ run }) => store.runs.get(run.id) !== undefined)
		})
		for (const { run } of taken) state.publish({ type: "run-changed", run })
		const live = remembered.find(({ run, state }) => run === running?.run && state === "open")
		const isAdopted = live !== undefined && adopt(makeRun(appliance, live, undefined), appliance)
		return taken.filter(({ isNew }) => isNew).length + Number(isAdopted)
	}
}

/** When it was seen is no difference: every look would be news to all windows. */
function isSamePast(a: Past | undefined, b: Past | undefined): boolean {
	return a?.head.digest === b?.head.digest && isDeepStrictEqual([a?.fault, a?.known], [b?.fault, b?.known])
}

/** One run of the appliance is one row here: what is known already, or still followed by a program, stays as it is. */
function takeOver(
	store: Store,
	appliance: Appliance,
	remembered: HistoryRun,
	placeOf: (run: string) => number | undefined,
): { run: DesktopRun; isNew: boolean }[] {
	if (remembered.state === "open" || remembered.outcome === undefined) return []
	const known = store.runs.find(appliance.id, remembered.run)
	if (known?.outcome !== undefined) return takeStart(store, appliance, known, remembered)
	if (known && isFollowed(store, known)) return []
	const run = makeRun(appliance, remembered, known)
	store.runs.save(run, null, appliance)
	const pools = remembered.pools.slice(0, MAX_POOLS)
	for (const { pool, outcome, reason, durationMs, finishedAt = run.finishedAt ?? run.startedAt } of pools) {
		const rest = { ...(reason && { reason: shortenReason(reason) }), finishedAt, durationMs }
		store.runs.savePool({ ...makeResultHead(run), pool, outcome, ...rest }, placeOf(remembered.run))
	}
	return [{ run, isNew: known === undefined }]
}

/** Places of what is told, found when the first one is wanted: mostly nothing is new. */
function createPlaces(store: Store, { id }: Appliance, { runs, highest }: Told) {
	let places: ReadonlyMap<string, number> | undefined
	const find = () => {
		const names = runs.map(({ run }) => run)
		return placeRuns(runs, store.runs.places(id, names), Date.now(), highest)
	}
	return (run: string): number | undefined => {
		places ??= find()
		return places.get(run)
	}
}

/** Of a run that was followed here everything else came from the appliance; when it began, by this desktop's clock. */
function takeStart(store: Store, appliance: Appliance, known: DesktopRun, { startedAt }: HistoryRun) {
	if (known.startedAt === startedAt) return []
	const run = { ...known, startedAt }
	store.runs.save(run, null, appliance)
	return [{ run, isNew: false }]
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
		...(finalClosure && { finalClosure: shortenFinalClosure(finalClosure) }),
		pools: pools.slice(0, MAX_POOLS).map(({ pool, outcome, reason }) => ({
			pool,
			outcome,
			...(reason && { reason: shortenReason(reason) }),
		})),
	}
	return made
}
