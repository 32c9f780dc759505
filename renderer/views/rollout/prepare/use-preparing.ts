import { useEffect, useRef, useState } from "react"
import type { Preparation, Preparing } from "../../../../core/schema/rollout-prepare.ts"
import { useApp } from "../../../stores/context.ts"

/** What is to be prepared. */
export interface PrepareChoice {
	folder: string
	applianceIds: readonly string[]
	pools?: readonly string[] | undefined
	force: boolean
	allowDowngrade: boolean
}

/** One look at all of them, as far as it is. */
export interface PreparingState {
	state: "going" | "stopped" | "ended"
	/** Of what it tells: another choice needs another look. */
	choice: string
	done: number
	total: number
	/** Host keys that a person is asked about. */
	keys: number
	/** What is known so far. */
	whole?: Preparation
	/** What ended it early. */
	error?: unknown
}

export function keyOfChoice({ folder, applianceIds, pools, force, allowDowngrade }: PrepareChoice): string {
	return JSON.stringify([folder, applianceIds, pools, force, allowDowngrade])
}

/** Whether what was looked at is what is chosen. `digest`: of the module as it is now, as far as that is known. */
export function lookOf(
	now: PreparingState | undefined,
	choice: PrepareChoice,
	digest: string | undefined,
): "current" | "other-choice" | "other-content" {
	if (now?.choice !== keyOfChoice(choice)) return "other-choice"
	const seen = now.whole?.module.digest
	return seen !== undefined && digest !== undefined && seen !== digest ? "other-content" : "current"
}

export function applyPreparing(now: PreparingState, item: Preparing): PreparingState {
	if (item.kind === "asking") return { ...now, keys: item.keys }
	if (item.kind === "progress") return { ...now, done: item.done, total: item.total, keys: 0 }
	return { ...now, done: item.preparation.done, whole: item.preparation, keys: 0 }
}

/** Looks on request; what comes of it is shown as it comes. It ends with the view that has it. */
export function usePreparing() {
	const { api } = useApp()
	const [now, setNow] = useState<PreparingState>()
	const going = useRef<AbortController>(undefined)
	useEffect(() => () => going.current?.abort(), [])

	const start = async (choice: PrepareChoice) => {
		going.current?.abort()
		const stop = new AbortController()
		going.current = stop
		/** What still arrives of one that was stopped says nothing of the next one. */
		const change = (update: (now: PreparingState) => PreparingState) =>
			!stop.signal.aborted && setNow((now) => now && update(now))
		const { folder, applianceIds, pools, force, allowDowngrade } = choice
		setNow({ state: "going", choice: keyOfChoice(choice), done: 0, total: applianceIds.length, keys: 0 })
		try {
			const what = { folder, applianceIds: [...applianceIds], ...(pools && { pools: [...pools] }) }
			const request = { ...what, force, allowDowngrade }
			for await (const item of await api.rollouts.prepare(request, { signal: stop.signal }))
				change((now) => applyPreparing(now, item))
			change((now) => ({ ...now, state: "ended" }))
		} catch (error) {
			change((now) => ({ ...now, state: "ended", error }))
		}
	}
	const stop = () => {
		going.current?.abort()
		setNow((now) => now && { ...now, state: "stopped" })
	}
	return { now, start, stop }
}
