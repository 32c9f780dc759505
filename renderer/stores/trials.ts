import { createStore, type StoreApi } from "zustand/vanilla"
import type { DesktopRun } from "../../core/schema/desktop.ts"
import type { Plan } from "../../core/schema/plan.ts"
import type { Api } from "../rpc/api.ts"
import { type DesktopStore, isEnded } from "./desktop.ts"

/** `prove`: a rehearsal, and where it passed another one that changes the files first. */
export type TrialKind = "plan" | "rehearse" | "prove" | "apply"

/** One pool tried on one appliance, as it was saved then. */
export interface Trial {
	kind: TrialKind
	applianceId: string
	isGoing: boolean
	/** Ids of the desktop's runs, in their order. */
	runs: readonly string[]
	/** Of the module that was tried; known once it has been read. */
	digest?: string
	plan?: Plan
	/** Why it could not be tried. */
	error?: unknown
}

export interface TrialRequest {
	folder: string
	pool: string
	applianceId: string
	kind: TrialKind
}

export interface Trials {
	store: StoreApi<Record<string, Trial>>
	/** Tries the pool as it is on disk; resolves when that has ended. One at a time for a pool. */
	start(request: TrialRequest): Promise<void>
	/** Asks the run that goes on to stop, and starts no further one. */
	cancel(folder: string, pool: string): Promise<void>
}

export function keyOf(folder: string, pool: string): string {
	return JSON.stringify([folder, pool])
}

/** The last trial of each pool since the page was loaded; the runs themselves stay in the history. */
export function createTrials(api: Api, desktop: DesktopStore): Trials {
	const store = createStore<Record<string, Trial>>(() => ({}))
	const cancelled = new Set<string>()
	/** Trials whose next run has no id yet: it is stopped as soon as it has one. */
	const starting = new Set<string>()
	const change = (key: string, part: Partial<Trial>) => {
		const trial = store.getState()[key]
		if (trial) store.setState({ [key]: { ...trial, ...part } })
	}

	const stop = async (key: string, id: string) => {
		try {
			await api.runs.cancel({ id })
		} catch (error) {
			change(key, { error })
		}
	}

	const plan = async (key: string, { folder, pool, applianceId }: TrialRequest) => {
		const made = await api.runs.plan({ folder, applianceId, pools: [pool] })
		change(key, { plan: made, digest: made.module.digest })
	}
	const run = async (key: string, { folder, pool, applianceId, kind }: TrialRequest) => {
		for (const modify of kind === "prove" ? [false, true] : [false]) {
			if (cancelled.has(key)) return
			const sort = kind === "apply" ? ("apply" as const) : ("rehearse" as const)
			starting.add(key)
			const { runs } = await api.runs
				.start({ folder, applianceIds: [applianceId], pools: [pool], kind: sort, modify })
				.finally(() => starting.delete(key))
			const [started] = runs
			if (!started) return
			const trial = store.getState()[key]
			change(key, {
				runs: [...(trial?.runs ?? []), started.id],
				digest: trial?.digest ?? started.module.digest,
			})
			if (cancelled.has(key)) await stop(key, started.id)
			const ended = await untilSettled(desktop, started)
			if (ended.outcome !== "applied") return
		}
	}

	return {
		store,
		async start(request) {
			const { folder, pool, applianceId, kind } = request
			const key = keyOf(folder, pool)
			if (store.getState()[key]?.isGoing) return
			cancelled.delete(key)
			store.setState({ [key]: { kind, applianceId, isGoing: true, runs: [] } })
			try {
				await (kind === "plan" ? plan(key, request) : run(key, request))
			} catch (error) {
				change(key, { error })
			}
			change(key, { isGoing: false })
		},
		async cancel(folder, pool) {
			const key = keyOf(folder, pool)
			cancelled.add(key)
			const id = store.getState()[key]?.runs.at(-1)
			if (id !== undefined && !starting.has(key)) await stop(key, id)
		},
	}
}

/** Resolves when a run has ended, or is lost and nothing but a person can help. */
function untilSettled(desktop: DesktopStore, started: DesktopRun): Promise<DesktopRun> {
	const find = () => desktop.getState().state?.runs.find(({ id }) => id === started.id)
	return new Promise((resolve) => {
		const look = () => {
			const run = find()
			if (!run || !(isEnded(run) || (run.state === "lost" && run.retryAt === undefined))) return
			stop()
			resolve(run)
		}
		const stop = desktop.subscribe(look)
		look()
	})
}
