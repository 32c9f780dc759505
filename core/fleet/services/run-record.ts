import type { Appliance } from "../../schema/appliance.ts"
import type { DesktopRun, PoolResult } from "../../schema/desktop.ts"
import { type AnyEvent, isKnownEvent } from "../../schema/event.ts"
import { isEnded, parseMoment } from "../store/run-store.ts"
import type { Store } from "../store/store.ts"
import { applyRunStep, type RunStep } from "./run-state.ts"
import { shortenReason } from "./shorten-reason.ts"
import type { StateBroadcast } from "./state-service.ts"

/** Events gather this long before they are written together, milliseconds. */
const FLUSH_MS = 50
/** A run that says nothing but "still here" is shown anew this often, milliseconds. */
const ALIVE_MS = 2000
/** Events kept in memory while the database cannot take them; the appliance has them all. */
const PENDING_LIMIT = 20_000

/** Events of one run that are kept, characters: hundreds of times what the longest run of an honest runner says. */
const KEPT_LIMIT = 1_000_000_000

export type RunRecord = ReturnType<typeof createRunRecord>

type Deps = {
	store: Store
	state: StateBroadcast
	owner: string
	log: (line: string) => void
	/** `KEPT_LIMIT` when absent. */
	keptLimit?: number
}

/** One run that this program follows: its state now, its events, and the writing of both. */
export function createRunRecord(first: DesktopRun, appliance: Appliance, deps: Deps) {
	const { store, state, log } = deps
	let run = first
	let holder: string | null = deps.owner
	let lastSeq = store.events.lastSeq(run.id)
	let pending: AnyEvent[] = []
	let results: PoolResult[] = []
	let timer: NodeJS.Timeout | undefined
	let publishedAt = 0
	let kept = 0
	let isFailing = false
	const poolStarts = new Map<string, string>()
	/** Pools whose result is written or waits to be: a hostile runner may end one a million times. */
	const resulted = new Set<string>()
	const waiting = new Set<() => void>()

	const publish = () => {
		publishedAt = Date.now()
		state.publish({ type: "run-changed", run })
	}
	/** One transaction: what the row says of a run never differs from the events beside it. */
	const write = (transact = store.inTransaction) => {
		transact(() => {
			store.runs.save(run, holder, appliance)
			kept += store.events.append(run.id, pending)
			for (const result of results) store.runs.savePool(result, placeOf(result, run))
		})
		pending = []
		results = []
	}
	/** Following goes on though the desktop's disk is full: the run's truth is on the appliance. */
	const flush = () => {
		clearTimeout(timer)
		timer = undefined
		try {
			write()
			isFailing = false
		} catch (error) {
			if (!isFailing) log(`cannot write the record of run ${run.id}: ${error instanceof Error ? error.message : error}`)
			isFailing = true
			pending = pending.slice(-PENDING_LIMIT)
		}
	}
	const wake = () => {
		for (const tell of waiting) tell()
		waiting.clear()
	}
	const step = (what: RunStep, persist = flush) => {
		const before = run
		run = applyRunStep(run, what)
		if (run === before) return
		if (what.type !== "event" || isEnded(run)) persist()
		else timer ??= setTimeout(flush, FLUSH_MS)
		if (!looksSame(before, run) || Date.now() - publishedAt > ALIVE_MS) publish()
		if (isEnded(run)) wake()
	}

	flush()
	publish()
	return {
		appliance,
		current: () => run,
		lastSeq: () => lastSeq,
		/** Whether this program has kept more of the run than anybody will ever read. */
		isFull: () => kept > (deps.keptLimit ?? KEPT_LIMIT),
		step: (what: RunStep) => step(what),
		/**
		 * From now on the appliance may begin the run: nobody asks it before this is on disk. Fails where it cannot be
		 * written.
		 */
		ask(id: string) {
			step({ type: "asked", run: id }, () => write(store.inDurableTransaction))
		},
		append(event: AnyEvent) {
			if (event.seq <= lastSeq) return
			lastSeq = event.seq
			pending.push(event)
			step({ type: "event", event })
			const result = makeResult(run, event, poolStarts)
			if (result && !resulted.has(result.pool)) results.push(result)
			if (result) resulted.add(result.pool)
			wake()
		},
		/** At most `limit` events after a number, written ones and those still waiting to be. */
		read(after: number, limit: number): AnyEvent[] {
			// Whoever reads as it comes finds it here: the database is asked by those who have missed something.
			if (after >= (pending[0]?.seq ?? lastSeq + 1) - 1) return pending.filter(({ seq }) => seq > after).slice(0, limit)
			const written = store.events.read(run.id, after, limit)
			const from = written.at(-1)?.seq ?? after
			if (written.length === limit) return written
			return [...written, ...pending.filter(({ seq }) => seq > from)].slice(0, limit)
		},
		/** Resolves at the next event, at the run's end, or when the signal is aborted. */
		changed(signal?: AbortSignal): Promise<void> {
			return new Promise((resolve) => {
				const done = () => {
					waiting.delete(done)
					signal?.removeEventListener("abort", done)
					resolve()
				}
				waiting.add(done)
				signal?.addEventListener("abort", done)
			})
		},
		/** Writes what waits; an `owner` of null leaves the run to whichever program comes next. */
		write(next: string | null) {
			holder = next
			flush()
		},
		/** Makes whoever waits look again. */
		wake,
	}
}

/** Pools that nothing happened to are the very same objects; there may be many, and events come by the thousand. */
function looksSame(a: DesktopRun, b: DesktopRun): boolean {
	const head = (run: DesktopRun) => JSON.stringify({ ...run, lastEventAt: "", pools: run.pools.length })
	const isSame = (pool: DesktopRun["pools"][number], index: number) =>
		pool === b.pools[index] || JSON.stringify(pool) === JSON.stringify(b.pools[index])
	return head(a) === head(b) && a.pools.every(isSame)
}

/** Of the pools that are shown: a hostile runner may name millions. */
function makeResult(run: DesktopRun, event: AnyEvent, starts: Map<string, string>): PoolResult | undefined {
	const isKnown = isKnownEvent(event) && (event.type === "pool-started" || event.type === "pool-finished")
	if (!isKnown || !run.pools.some(({ pool }) => pool === event.pool)) return undefined
	if (event.type === "pool-started") starts.set(event.pool, event.time)
	if (event.type !== "pool-finished") return undefined
	const { pool, outcome, time } = event
	const reason = event.reason && shortenReason(event.reason)
	const durationMs = event.durationMs ?? Math.max(0, parseMoment(time) - parseMoment(starts.get(pool) ?? time))
	return { ...makeResultHead(run), pool, outcome, ...(reason && { reason }), finishedAt: time, durationMs }
}

/** By the appliance's clock, as far as it may be right: a run ends after its beginning was known here, and not later than now. */
function placeOf({ finishedAt }: PoolResult, { startedAt }: DesktopRun): number {
	return Math.min(Date.now(), Math.max(parseMoment(startedAt), parseMoment(finishedAt)))
}

/** What every pool's row says of its run. */
export function makeResultHead(run: DesktopRun) {
	return {
		runId: run.id,
		applianceId: run.applianceId,
		applianceName: run.applianceName,
		moduleName: run.module.name,
		moduleVersion: run.module.version,
		kind: run.kind,
	}
}
