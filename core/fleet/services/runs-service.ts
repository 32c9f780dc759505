import { randomUUID } from "node:crypto"
import { hostname, userInfo } from "node:os"
import type { RevertRequest, RunRequest } from "../../protocol/runner-calls.ts"
import type { RunnerPort } from "../../protocol/runner-port.ts"
import type { Appliance } from "../../schema/appliance.ts"
import type { DesktopRun } from "../../schema/desktop.ts"
import { FailureError } from "../../schema/failure.ts"
import type { Manifest } from "../../schema/manifest.ts"
import { makePlanFacts } from "../../schema/plan-facts.ts"
import { isEnded } from "../store/run-store.ts"
import type { Store } from "../store/store.ts"
import { asMet } from "./as-met.ts"
import { cancelRun } from "./cancel-run.ts"
import { completePlan } from "./complete-plan.ts"
import type { Contacts } from "./contacts.ts"
import { failureOf } from "./failure-of.ts"
import { followRecord } from "./follow-record.ts"
import { launchRevert } from "./launch-revert.ts"
import { readRunnableModule } from "./module-folder.ts"
import { isOwnerAlive } from "./owner.ts"
import type { Registry } from "./registry.ts"
import { createReviewedPlans } from "./reviewed-plans.ts"
import { type LaunchSignals, launchRun, patienceFor, pilotRun, type Started } from "./run-pilot.ts"
import { createRunRecord, type RunRecord } from "./run-record.ts"
import { NEVER_ASKED } from "./run-state.ts"
import type { StateBroadcast } from "./state-service.ts"
import type { RevertOnRequest, RunsService, StartRequest } from "./types.ts"
import { createSlots, untilAborted, within } from "./waiting.ts"

/** Connections that are being opened and fed at once; followed runs do not count. */
const LAUNCHES_AT_ONCE = 16
/** How long the end of this program waits for appliances that were asked to start a run, milliseconds. */
const CLOSE_MS = 3000
/** Seconds a plan may take: it reads every destination. */
const PLAN_SECONDS = 300

/** The patience (`patienceMs`) with a run of another desktop: how long its pools wait to be confirmed is not known here. */
const ADOPTED_PATIENCE_MS = 15 * 60_000

export type RunsDeps = {
	store: Store
	state: StateBroadcast
	registry: Registry
	contacts: Contacts
	owner: string
	/** Whether somebody may come and help a lost run later; else its followers are let go. */
	outlives: boolean
	log: (line: string) => void
}

/** A run that is to begin on an appliance, under an id that may have been written down before. */
type Beginning<Request> = { id: string; batch: string; appliance: Appliance; request: Request }
type ModuleBeginning = Beginning<Omit<StartRequest, "applianceIds">> & {
	read: Awaited<ReturnType<typeof readRunnableModule>>
}

export type Runs = RunsService & {
	/** As `start`, of a module that has been read, on one appliance. */
	begin(beginning: ModuleBeginning): DesktopRun
	/** As `revert`. */
	beginRevert(beginning: Beginning<Omit<RevertOnRequest, "applianceId">>): DesktopRun
	/** A run as it is now, of whichever program; `unreadable`: there is one, and nobody can tell what became of it. */
	look(id: string): DesktopRun | "unknown" | "unreadable"
	/** Whether this program follows it. */
	isFollowed(id: string): boolean
	/** A run that no appliance has been asked for yet is not asked for any more: nobody cancelled it, it is left. */
	withdraw(id: string): void
	/** Runs that this program follows, as they are at this moment. */
	live(): Map<string, DesktopRun>
	/** Takes over the runs of programs that are gone: all of them, or those with these ids, with how they are reached. */
	resume(only?: ReadonlyMap<string, Appliance | undefined>): void
	/** Follows a run that another desktop started, from its first event on; false where some program here knows it already. */
	adopt(run: DesktopRun & { run: string }, appliance: Appliance): boolean
	/** Follows the lost runs of an appliance again, now that it can be reached. */
	revive(applianceId: string): void
	close(): Promise<void>
}

type Followed = {
	record: RunRecord
	stop: AbortController
	/** Ends the asking of an earlier cancel: the last one counts. */
	asking: AbortController
	/** Nobody follows any more, though the run has not ended: reaching the appliance needed a person. */
	isIdle: boolean
	done: Promise<void>
}

/** Runs on appliances: started, followed to their end whatever the connection does, and taken up again after a restart. */
export function createRuns(deps: RunsDeps): Runs {
	const { store, registry, contacts, owner } = deps
	const slots = createSlots(LAUNCHES_AT_ONCE)
	const planning = createSlots(LAUNCHES_AT_ONCE)
	const reviewed = createReviewedPlans()
	const followed = new Map<string, Followed>()
	const closing = new AbortController()
	let isClosing = false
	const isOver = (id: string) => isEnded(get(id)) || (!deps.outlives && followed.get(id)?.isIdle === true)

	const get = (id: string): DesktopRun => {
		const run = followed.get(id)?.record.current() ?? store.runs.get(id)
		if (!run) throw new FailureError("not-found", { kind: "run", id })
		return run
	}
	const keep = async (one: Followed, work: Promise<void>) => {
		const { record } = one
		try {
			await work
		} catch (error) {
			record.step({ type: "lost", failure: failureOf(error) })
		}
		record.write(isClosing ? null : owner)
		one.stop.abort()
		one.isIdle = true
		record.wake()
		if (isEnded(record.current())) followed.delete(record.current().id)
	}
	const follow = (run: DesktopRun, appliance: Appliance, work: (one: Followed) => Promise<void>) => {
		const record = createRunRecord(run, appliance, deps)
		const one: Followed = {
			record,
			stop: new AbortController(),
			asking: new AbortController(),
			isIdle: false,
			done: Promise.resolve(),
		}
		followed.set(run.id, one)
		one.done = keep(one, work(one))
		return record.current()
	}
	const askToStop = (one: Followed, run: string) => {
		one.asking.abort()
		one.asking = new AbortController()
		const signal = AbortSignal.any([one.stop.signal, one.asking.signal])
		return cancelRun(contacts, one.record.appliance, run, signal)
	}
	/** Where the appliance needs a person first, the run says so itself: it is lost, and cancelled when it is found again. */
	const cancelThere = (one: Followed, run: string) =>
		askToStop(one, run).catch((error) =>
			deps.log(`cannot cancel run ${one.record.current().id}: ${failureOf(error).code}`),
		)
	const launch = async (one: Followed, begin: (signals: LaunchSignals) => Promise<Started | undefined>) => {
		const { stop } = one
		const started = await slots(() => begin({ cancelled: stop.signal, closing: closing.signal }))
		if (!started) return
		one.stop = isClosing ? stop : new AbortController()
		// The appliance has started it though somebody cancelled meanwhile: then it is cancelled there.
		if (started.port) cancelIfAsked(one, started.run)
		await pilot(one, started)
	}
	const cancelIfAsked = (one: Followed, run: string) => {
		if (one.record.current().isCancelled) void cancelThere(one, run)
	}
	/** What was looked at is what begins; between this and the start lies one message. */
	const checkPlan =
		(request: RunRequest, digest: string | undefined) => async (port: RunnerPort, signal: AbortSignal) => {
			const asking = within(PLAN_SECONDS, "the plan", port.plan(request))
			reviewed.require(digest, makePlanFacts(await untilAborted(asking, signal, "the run"), request))
		}
	const begin = ({ read: { manifest, module }, ...beginning }: ModuleBeginning) => {
		const { appliance, request } = beginning
		const pools = (request.pools ?? module.pools.map(({ id }) => id)).map((pool) => ({ pool }))
		const { schema_version: version } = module.metadata
		const run = makeRun({ ...beginning, manifest, version, pools, patienceMs: patienceFor(module.pools) })
		const asked = makeRequest(manifest, request)
		const check = request.plans && checkPlan(asked, request.plans[appliance.id])
		return follow(run, appliance, (one) =>
			launch(one, (signals) => launchRun(one.record, contacts, asked, request.folder, signals, check)),
		)
	}
	const beginRevert = (beginning: Beginning<Omit<RevertOnRequest, "applianceId">>) => {
		const request = makeRevertRequest(beginning.request)
		return follow(makeRevertRun(beginning), beginning.appliance, (one) =>
			launch(one, (signals) => launchRevert(one.record, contacts, request, signals)),
		)
	}
	const pilot = (one: Followed, started: Started) =>
		pilotRun(one.record, contacts, { ...started, onFound: () => cancelIfAsked(one, started.run) }, one.stop.signal)

	return {
		get,
		live: () => new Map([...followed].map(([id, { record }]) => [id, record.current()])),
		async plan({ folder, applianceId, ...wishes }, signal) {
			const appliance = registry.reach(applianceId)
			const { manifest } = await readRunnableModule(folder, wishes.pools)
			const limit = { seconds: PLAN_SECONDS, phase: "the plan", signal }
			const request = makeRequest(manifest, wishes)
			const plan = await planning(() =>
				contacts.withRunner(appliance, limit, (port) => port.plan({ ...request, texts: true })),
			)
			const digest = reviewed.keep(makePlanFacts(plan, request))
			return { ...(await completePlan(plan, folder, manifest)), digest }
		},
		async start(request) {
			const appliances = [...new Set(request.applianceIds)].map((id) => registry.reach(id))
			const read = await readRunnableModule(request.folder, request.pools)
			const batch = randomUUID()
			return appliances.map((appliance) => begin({ id: randomUUID(), batch, appliance, read, request }))
		},
		begin,
		revert: (request) =>
			beginRevert({ id: randomUUID(), batch: randomUUID(), appliance: registry.reach(request.applianceId), request }),
		beginRevert,
		look: (id) =>
			followed.get(id)?.record.current() ?? store.runs.get(id) ?? (store.runs.has(id) ? "unreadable" : "unknown"),
		isFollowed: (id) => followed.has(id),
		withdraw(id) {
			const one = followed.get(id)
			if (one && one.record.current().run === undefined) one.stop.abort()
		},
		async cancel(id) {
			const run = get(id)
			if (isEnded(run)) return
			const one = followed.get(id)
			if (!one) throw new FailureError("bad-request", { reason: "another program follows this run: cancel it there" })
			one.record.step({ type: "cancelled" })
			if (run.run === undefined) one.stop.abort()
			else await askToStop(one, run.run)
		},
		follow: (id, after = 0, signal) =>
			followRecord({ ...deps, get, isOver, record: () => followed.get(id)?.record }, id, after, signal),
		async ended(id) {
			for (;;) {
				if (isOver(id)) return get(id)
				const record = followed.get(id)?.record
				await (record ? record.changed() : new Promise((resolve) => setTimeout(resolve, 500)))
			}
		},
		resume(only) {
			const whereItIs = createWhereabouts()
			for (const { run, appliance, owner: before } of store.runs.open()) {
				if (followed.has(run.id) || only?.has(run.id) === false || isOwnerAlive(before)) continue
				const reached = only?.get(run.id) ?? whereItIs(run, appliance)
				if (!reached || !store.runs.claim(run.id, before, owner)) continue
				takeOver(run, reached)
			}
		},
		adopt(run, appliance) {
			const patient = { ...run, patienceMs: ADOPTED_PATIENCE_MS }
			if (!store.runs.add(patient, owner, appliance)) return false
			takeOver(patient, appliance)
			return true
		},
		revive(applianceId) {
			for (const one of followed.values()) {
				const { run } = one.record.current()
				if (!one.isIdle || run === undefined || one.record.appliance.id !== applianceId) continue
				Object.assign(one, { isIdle: false, stop: new AbortController() })
				cancelIfAsked(one, run)
				one.done = keep(one, pilot(one, { run }))
			}
		},
		async close() {
			isClosing = true
			for (const { stop } of followed.values()) stop.abort()
			const timer = setTimeout(() => closing.abort(), CLOSE_MS)
			await Promise.all([...followed.values()].map(({ done }) => done))
			clearTimeout(timer)
		},
	}

	/** Where the fleet has the appliance now; of a rollout's run where the rollout met it, and as it was told to sign in. */
	function createWhereabouts() {
		/** Rollouts are large, and many runs may be of one. */
		const rollouts = new Map<string, ReturnType<typeof store.rollouts.get>>()
		return ({ applianceId, batch }: DesktopRun, met: Appliance | undefined): Appliance | undefined => {
			if (!rollouts.has(batch)) rollouts.set(batch, store.rollouts.get(batch))
			const now = registry.get(applianceId)
			const target = rollouts.get(batch)?.targets.find((one) => one.applianceId === applianceId)
			if (!target || !met) return now ?? met
			return target.isAdHoc || !now ? met : asMet(now, met)
		}
	}

	function takeOver(run: DesktopRun, appliance: Appliance) {
		follow(run, appliance, async (one) => {
			if (run.run !== undefined) {
				cancelIfAsked(one, run.run)
				return pilot(one, { run: run.run })
			}
			const failure = { code: "connection-lost" as const, data: { reason: NEVER_ASKED, began: "no" } }
			one.record.step({ type: "not-started", failure, at: new Date().toISOString() })
		})
	}
}

/** What the appliance is asked for. */
export function makeRequest(manifest: Manifest, request: Partial<StartRequest>): RunRequest {
	const { pools, timeoutSeconds, kind = "apply", force = false, allowDowngrade = false, modify = false } = request
	return {
		manifest,
		kind,
		force,
		allowDowngrade,
		modify,
		...(pools && { pools }),
		...(timeoutSeconds !== undefined && { timeoutSeconds }),
		by: whoAsks(),
	}
}

function whoAsks(): string {
	return `${userInfo().username}@${hostname()}`.slice(0, 200)
}

function makeRevertRequest({
	pool,
	run,
	original = false,
	force = false,
}: Omit<RevertOnRequest, "applianceId">): RevertRequest {
	return { pool, original, force, ...(run !== undefined && { run }), by: whoAsks() }
}

/** Which module it is of the appliance says when it has started (`run-started`). */
function makeRevertRun({ id, batch, appliance, request }: Beginning<{ pool: string }>): DesktopRun {
	return {
		id,
		batch,
		applianceId: appliance.id,
		applianceName: appliance.name,
		module: { name: "", version: "", digest: "" },
		kind: "revert",
		state: "connecting",
		startedAt: new Date().toISOString(),
		pools: [{ pool: request.pool }],
	}
}

function makeRun(from: {
	id: string
	batch: string
	appliance: Appliance
	manifest: Manifest
	version: string
	request: Omit<StartRequest, "applianceIds">
	pools: { pool: string }[]
	patienceMs: number
}): DesktopRun {
	const { id, batch, appliance, manifest, version, request, pools, patienceMs } = from
	return {
		id,
		batch,
		applianceId: appliance.id,
		applianceName: appliance.name,
		module: { name: manifest.name, version, digest: manifest.digest, folder: request.folder },
		kind: request.kind ?? "apply",
		state: "connecting",
		startedAt: new Date().toISOString(),
		pools,
		...(patienceMs > 0 && { patienceMs }),
	}
}
