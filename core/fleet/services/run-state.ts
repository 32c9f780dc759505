import type { DesktopRun, Upload } from "../../schema/desktop.ts"
import { type AnyEvent, isKnownEvent, type RunEvent } from "../../schema/event.ts"
import type { Failure } from "../../schema/failure.ts"
import { poolIdPattern } from "../../schema/module.ts"
import { shortenFinalClosure, shortenReason } from "./shorten-reason.ts"

/** Pools of one run that are shown and kept; a module has a few. */
export const MAX_POOLS = 500

/**
 * What can happen to a run as the desktop follows it:
 *
 *     connecting --connected, sent--> uploading --started--> running --lost--> lost
 *          |                              |                  ^  |               |
 *          +---------not-started----------+                  +--+---attached----+
 *          v                                                    |
 *     not-started                                         run-finished event, or unknown there --> finished
 *
 * From `asked`, while it is uploading, to `started` or `not-started` it is doubtful: it may be lost meanwhile, and then
 * turn out never to have begun.
 */
export type RunStep =
	| { type: "connected" }
	| { type: "cancelled" }
	/** Before it is connected: of the runner and what that needs. */
	| { type: "sent"; upload: Upload }
	/** From now on it may begin over there, under this id. */
	| { type: "asked"; run: string }
	| { type: "started"; run: string }
	| { type: "not-started"; failure: Failure; at: string }
	| { type: "event"; event: AnyEvent }
	/** `retryAt`: when it is tried again; absent when that would need a person first. */
	| { type: "lost"; failure: Failure; retryAt?: string }
	| { type: "attached" }
	/** The appliance knows nothing of the run any more: how it ended will not be known. */
	| { type: "gone"; failure: Failure; at: string }

const FROM: Record<RunStep["type"], readonly DesktopRun["state"][]> = {
	connected: ["connecting", "uploading"],
	cancelled: ["connecting", "uploading", "running", "lost"],
	sent: ["connecting", "uploading"],
	asked: ["uploading"],
	started: ["uploading"],
	"not-started": ["connecting", "uploading"],
	event: ["running", "lost"],
	lost: ["running", "lost"],
	attached: ["running", "lost"],
	gone: ["running", "lost"],
}

/** What else can happen to a run that may have begun. */
const FROM_DOUBTFUL: Partial<typeof FROM> = {
	started: ["uploading", "lost"],
	lost: ["uploading", "lost"],
	"not-started": ["uploading", "lost"],
}

/** The run after a step; the very same object where the step does not belong to its state. */
export function applyRunStep(run: DesktopRun, step: RunStep): DesktopRun {
	const from = run.isDoubtful ? FROM_DOUBTFUL[step.type] : undefined
	if (!(from ?? FROM[step.type]).includes(run.state)) return run
	const { failure: _, retryAt: __, ...sound } = run
	switch (step.type) {
		case "connected": {
			const { upload: ___, ...connected } = sound
			return { ...connected, state: "uploading" }
		}
		case "cancelled":
			return { ...run, isCancelled: true }
		case "sent":
			return { ...sound, state: "uploading", upload: step.upload }
		case "asked":
			return { ...run, run: step.run, isDoubtful: true }
		case "started":
			return { ...undoubted(sound), state: "running", run: step.run }
		case "not-started": {
			const { run: ___, ...never } = undoubted(sound)
			return { ...never, state: "not-started", failure: step.failure, finishedAt: step.at }
		}
		case "lost":
			return { ...sound, state: "lost", failure: step.failure, ...(step.retryAt && { retryAt: step.retryAt }) }
		case "attached":
			return { ...sound, state: "running" }
		case "gone":
			return { ...sound, state: "finished", failure: step.failure, finishedAt: step.at }
		case "event": {
			const alive: DesktopRun = { ...sound, state: "running", lastEventAt: step.event.time }
			return isKnownEvent(step.event) ? applyEvent(alive, step.event) : alive
		}
	}
}

const undoubted = ({ isDoubtful: _, ...run }: DesktopRun): DesktopRun => run

function applyEvent(run: DesktopRun, event: RunEvent): DesktopRun {
	switch (event.type) {
		case "run-started":
			return {
				...run,
				kind: event.kind,
				// Only the appliance knows which module a pool that is put back is of.
				...(run.kind === "revert" && { module: event.module }),
				pools: event.pools
					.filter(isPoolName)
					.slice(0, MAX_POOLS)
					.map((pool) => poolOf(run, pool)),
			}
		case "phase-started":
			return event.pool === undefined ? run : withPool(run, event.pool, { phase: event.phase })
		case "pool-finished":
			return withPool(run, event.pool, {
				outcome: event.outcome,
				...(event.reason && { reason: shortenReason(event.reason) }),
			})
		case "final-closure": {
			const { outcome, why, reason } = event
			return { ...run, finalClosure: shortenFinalClosure({ outcome, why, reason }) }
		}
		case "run-finished": {
			const { outcome, time } = event
			const finalClosure = event.finalClosure ? shortenFinalClosure(event.finalClosure) : run.finalClosure
			return { ...run, state: "finished", outcome, ...(finalClosure && { finalClosure }), finishedAt: time }
		}
		default:
			return run
	}
}

const isPoolName = (pool: string) => poolIdPattern.test(pool)

const poolOf = (run: DesktopRun, pool: string) => run.pools.find((one) => one.pool === pool) ?? { pool }

function withPool(run: DesktopRun, pool: string, change: Partial<DesktopRun["pools"][number]>): DesktopRun {
	const changed = { ...poolOf(run, pool), ...change }
	const isKnown = run.pools.some((one) => one.pool === pool)
	if (!isKnown && (run.pools.length >= MAX_POOLS || !isPoolName(pool))) return run
	const pools = isKnown ? run.pools.map((one) => (one.pool === pool ? changed : one)) : [...run.pools, changed]
	return { ...run, pools }
}

/** What is said of a run whose program died before it asked for it. */
export const NEVER_ASKED =
	"this program ended before it had asked the appliance to start the run, which has changed nothing there"

/** Whether a run did not start because its program died, and not because of anything about the appliance. */
export function wasNeverAsked({ state, failure }: DesktopRun): boolean {
	return state === "not-started" && failure?.data.reason === NEVER_ASKED
}
