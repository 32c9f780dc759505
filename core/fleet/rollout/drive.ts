import type { Rollout } from "../../schema/rollout.ts"
import { failureOf } from "../services/failure-of.ts"
import type { Registry } from "../services/registry.ts"
import type { Runs } from "../services/runs-service.ts"
import { NotOwner, type RolloutStore } from "../store/rollout-store.ts"
import { createBeginning } from "./begin-runs.ts"
import { isBeginning } from "./budget.ts"
import { findNext } from "./find-next.ts"
import { createFollowing } from "./follow-runs.ts"
import { createHearing, findUnderWay } from "./hear-runs.ts"
import { type RolloutEvent, step } from "./step.ts"
import { createWaiting } from "./waiting.ts"

/** A rollout that this program drives. */
export interface Drive {
	current(): Rollout
	/** Looks again at once. */
	wake(): void
	/** Leaves it as it stands: what runs on appliances goes on there. */
	stop(): void
	/** Settles, never rejects, when nothing goes on any more and only a person could change that, or it was stopped. */
	done: Promise<void>
}

export type DriveDeps = {
	rollouts: RolloutStore
	registry: Pick<Registry, "get">
	runs: Pick<Runs, "begin" | "beginRevert" | "look" | "isFollowed" | "resume" | "revive" | "withdraw">
	owner: string
	/** After each step. */
	told: () => void
	log: (line: string) => void
}

/** The longest sleep, milliseconds: how soon other programs' words, and ends of runs that they follow, are heard. */
const LOOK_MS = 1000
/** The shortest sleep: what happens meanwhile is heard together. */
const PAUSE_MS = 20
/** Sleep after a step that could not be written, doubled up to a minute. */
const TROUBLE_MS = 1000
const MOST_TROUBLE_MS = 60_000

/**
 * Drives a rollout in rounds: hear people and runs, then begin what is next. Each step is on disk before anything is done on
 * its account, and only this loop writes. A round that fails (a full disk) is tried again, with growing waits.
 */
export function driveRollout(begun: Rollout, deps: DriveDeps): Drive {
	const { rollouts, runs, owner, told, log } = deps
	let now = begun
	const current = () => now
	const stopping = new AbortController()
	const isStopped = () => stopping.signal.aborted
	const waiting = createWaiting()
	/** Something has happened since the round began. */
	let isAwake = false
	const wake = () => {
		isAwake = true
		waiting.wake()
	}

	const take = (event: RolloutEvent, wish?: number) => {
		const next = step(now, event, Date.now())
		if (next === now && wish === undefined) return
		rollouts.save(owner, now, next, wish)
		now = next
		told()
	}
	const hear = createHearing(runs.look)
	const beginning = createBeginning(deps, begun, take)
	const follow = createFollowing(runs, beginning.reach, begun.policy.unreachable.retrySeconds * 1000)

	/** After a word to stop, or too many failures: what waits for its turn to connect is not begun any more. */
	const withdraw = () => {
		const isWanted = (isUndo: boolean) => (isUndo ? now.status.state === "undoing" : isBeginning(now))
		for (const { run, isUndo, isLost } of now.targets.flatMap(findUnderWay))
			if (!isLost && !isWanted(isUndo)) runs.withdraw(run)
	}
	/** Whether nothing goes on any more, and nothing will by itself. */
	const round = async (): Promise<boolean> => {
		// A word to stop is heard before anything is begun, also one that was said to a program that is gone.
		for (const { row, wish } of rollouts.wishes(now.id)) take(wish, row)
		for (const one of now.targets.flatMap(findUnderWay)) for (const event of hear(one, Date.now())) take(event)
		take({ type: "tick" })
		withdraw()
		if (!isStopped()) await beginning.next(current, isStopped)
		const underWay = now.targets.flatMap(findUnderWay)
		follow(underWay)
		const { start, undo, wakeAt } = findNext(now, Date.now())
		const isIdle = start.length + undo.length === 0 && wakeAt === undefined
		return isIdle && underWay.every(({ isGivenUp }) => isGivenUp)
	}
	/** Whether this program has nothing to do with it any more. */
	const isDone = () => rollouts.release(now.id, owner) || rollouts.owner(now.id) !== owner
	const drive = async () => {
		let trouble = TROUBLE_MS
		while (!isStopped()) {
			isAwake = false
			try {
				if ((await round()) && isDone()) return
				trouble = TROUBLE_MS
				await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
				if (!isAwake) await waiting.next(LOOK_MS, stopping.signal)
			} catch (error) {
				if (error instanceof NotOwner) return log(`another program drives rollout ${now.id} now`)
				log(`cannot go on with rollout ${now.id}, trying again: ${JSON.stringify(failureOf(error))}`)
				// Whatever happens meanwhile: what cannot be written now would not be a moment later.
				await createWaiting().next(trouble, stopping.signal)
				trouble = Math.min(trouble * 2, MOST_TROUBLE_MS)
			}
		}
	}
	const leave = () => {
		try {
			rollouts.letGo(now.id, owner)
		} catch (error) {
			// Whoever takes it over finds that its driver is gone.
			log(`cannot let go of rollout ${now.id}: ${failureOf(error).code}`)
		}
	}

	return {
		current,
		wake,
		stop() {
			stopping.abort()
		},
		done: drive().finally(() => {
			leave()
			told()
		}),
	}
}
