import { createStore, type StoreApi } from "zustand/vanilla"
import type { OpenModule } from "../../core/schema/desktop.ts"
import type { PoolDuration } from "../../core/schema/expect-duration.ts"
import { FailureError } from "../../core/schema/failure.ts"
import type { ReviewPlan } from "../../core/schema/plan.ts"
import type { Api } from "../rpc/api.ts"
import type { DesktopStore } from "./desktop.ts"

/** The plan for one appliance: being made, made, or why it could not be. */
export type PlanState =
	| { state: "planning" }
	| { state: "made"; plan: ReviewPlan }
	| { state: "failed"; error: unknown }

/** What is chosen for the next run. */
export interface Workspace {
	folder?: string
	opened?: OpenModule
	/** The library module that `opened` is a published version of. */
	published?: { folder: string; version: string }
	opening: boolean
	openError?: unknown
	pools: string[]
	applianceIds: string[]
	force: boolean
	allowDowngrade: boolean
	plans: Record<string, PlanState>
	/** What became another way since it was looked at, by appliance: their plans are looked at once more. */
	changed: Record<string, readonly string[]>
	/** How long the module's pools took so far. */
	durations: readonly PoolDuration[]
	durationsError?: unknown
	starting: boolean
	startError?: unknown
}

export const emptyWorkspace: Workspace = {
	opening: false,
	pools: [],
	applianceIds: [],
	force: false,
	allowDowngrade: false,
	plans: {},
	changed: {},
	durations: [],
	starting: false,
}

/** `open`: a chosen appliance has no plan yet; `asked`: one is being made; `ready`: all there is to see can be seen. */
export type ReviewState = "open" | "asked" | "ready"

export function reviewStateOf(plans: Workspace["plans"], applianceIds: readonly string[]): ReviewState {
	const states = applianceIds.map((id) => plans[id]?.state)
	if (states.includes("planning")) return "asked"
	return states.includes(undefined) ? "open" : "ready"
}

/** Why a run cannot be started now, in words; undefined when it can. */
export function obstacleOf(workspace: Workspace): string | undefined {
	const { opened } = workspace
	if (!opened) return "Open a module first."
	const faults = opened.findings.filter((finding) => finding.severity === "fault").length
	if (faults > 0)
		return `The module has ${faults === 1 ? "1 fault" : `${faults} faults`}. Mend index.json, then reload.`
	if (!opened.module) return "The module could not be read."
	if (!opened.module.metadata.enabled) return "The module is disabled (metadata.enabled is false)."
	if (workspace.pools.length === 0) return "Choose at least one pool."
	if (workspace.applianceIds.length === 0) return "Choose at least one appliance."
	return undefined
}

/** The workspace with a module just read: all its enabled pools chosen, or those chosen before when it was reloaded. */
export function withModule(workspace: Workspace, opened: OpenModule, published?: Workspace["published"]): Workspace {
	const ids = (opened.module?.pools ?? []).filter((pool) => pool.enabled).map((pool) => pool.id)
	const reloaded = workspace.opened?.folder === opened.folder
	const known = new Set(workspace.opened?.module?.pools.map((pool) => pool.id))
	const pools = reloaded ? ids.filter((id) => workspace.pools.includes(id) || !known.has(id)) : ids
	const { openError: _, startError: __, published: ___, ...rest } = workspace
	return {
		...rest,
		...(published && { published }),
		folder: opened.folder,
		opened,
		opening: false,
		pools,
		plans: {},
		changed: {},
	}
}

/** `pools` of a call: absent when all are chosen, so that the run stands for the whole module. */
export function chosenPools(workspace: Workspace): string[] | undefined {
	const enabled = (workspace.opened?.module?.pools ?? []).filter((pool) => pool.enabled)
	return enabled.every((pool) => workspace.pools.includes(pool.id)) ? undefined : workspace.pools
}

/** A choice changed: plans made for another one no longer hold. */
export function withChoice(workspace: Workspace, choice: Partial<Workspace>): Workspace {
	const isOther = Object.keys(choice).some((key) => key !== "applianceIds")
	return { ...workspace, ...choice, ...(isOther && { plans: {}, changed: {} }) }
}

export interface WorkspaceActions {
	store: StoreApi<Workspace>
	open(folder: string): Promise<void>
	/** A published version of the module that is open; undefined: its files as they are. */
	openVersion(version: string | undefined): Promise<void>
	close(): void
	choose(choice: Partial<Pick<Workspace, "pools" | "applianceIds" | "force" | "allowDowngrade">>): void
	/** Asks the chosen appliances what a run would do; `missing`: only those without a plan. */
	plan(which?: "all" | "missing"): Promise<void>
	/** Waits for no further plan. */
	stopPlanning(): void
	/** Looks once more at what became another way: opens the module, chooses as that batch did, and asks these appliances. */
	lookAgain(wanted: { batch: string; folder: string; pools: string[]; changed: Workspace["changed"] }): Promise<void>
	/** The batch that was started; undefined when it was not, `startError` says why. */
	start(): Promise<string | undefined>
}

type RunOptions = Pick<Workspace, "force" | "allowDowngrade">
const noOptions: RunOptions = { force: false, allowDowngrade: false }

export function createWorkspace(api: Api, desktop: DesktopStore): WorkspaceActions {
	const store = createStore<Workspace>(() => emptyWorkspace)
	const set = (change: Partial<Workspace>) => store.setState(change)
	const get = () => store.getState()
	/** With what each batch was started from here. */
	const options = new Map<string, RunOptions>()
	/** One that was removed after it was chosen is not on screen, and would keep all the others from being started. */
	const chosenAppliances = () => {
		const fleet = desktop.getState().state?.appliances
		const { applianceIds } = get()
		return fleet ? applianceIds.filter((id) => fleet.some((one) => one.id === id)) : applianceIds
	}

	let asking = new AbortController()
	const stopPlanning = () => {
		asking.abort()
		asking = new AbortController()
	}

	const openAs = async (read: () => Promise<OpenModule>, published?: Workspace["published"]) => {
		set({ opening: true, openError: undefined })
		try {
			const opened = await read()
			stopPlanning()
			store.setState((now) => withModule(now, opened, published), true)
		} catch (openError) {
			set({ opening: false, openError })
		}
	}

	const open = (folder: string) => {
		// Read anew it is still the version that it was.
		const { opened, published } = get()
		return openAs(() => api.modules.open({ folder }), opened?.folder === folder ? published : undefined)
	}
	const openVersion = (version: string | undefined) => {
		const { published, opened } = get()
		const folder = published?.folder ?? opened?.folder
		if (folder === undefined) return Promise.resolve()
		if (version === undefined) return open(folder)
		return openAs(() => api.library.openVersion({ folder, version }), { folder, version })
	}

	const put = (applianceId: string, state: PlanState) =>
		store.setState((now) => ({ plans: { ...now.plans, [applianceId]: state } }))
	/** What was given up while it was asked is not known; a choice that changed has dropped it. */
	const planOne = async (request: Parameters<Api["runs"]["plan"]>[0], signal: AbortSignal) => {
		const settle = (state: PlanState) => {
			if (!signal.aborted) put(request.applianceId, state)
		}
		try {
			settle({ state: "made", plan: await api.runs.plan(request, { signal }) })
		} catch (error) {
			settle({ state: "failed", error })
		}
	}
	const readDurations = async (moduleName: string) => {
		try {
			const { durations } = await api.history.durations({ moduleName })
			if (get().opened?.name === moduleName) set({ durations })
		} catch (durationsError) {
			set({ durationsError })
		}
	}

	const plan = async (which: "all" | "missing" = "all") => {
		const { opened, force, allowDowngrade } = get()
		if (!opened) return
		if (which === "all") stopPlanning()
		const { signal } = asking
		const pools = chosenPools(get())
		const kept = which === "all" ? {} : get().plans
		const ids = chosenAppliances().filter((id) => !kept[id])
		set({ plans: { ...kept, ...Object.fromEntries(ids.map((id) => [id, { state: "planning" } as const])) } })
		await Promise.all([
			readDurations(opened.name),
			...ids.map((applianceId) =>
				planOne({ folder: opened.folder, applianceId, pools, force, allowDowngrade }, signal),
			),
		])
	}

	const start = async () => {
		const { opened, force, allowDowngrade } = get()
		if (!opened || get().starting) return undefined
		set({ starting: true, startError: undefined })
		try {
			const pools = chosenPools(get())
			const applianceIds = chosenAppliances()
			const plans = digestsOf({ ...get(), applianceIds })
			const request = { folder: opened.folder, applianceIds, pools, force, allowDowngrade, plans }
			const { runs } = await api.runs.start(request)
			set({ starting: false, ...noOptions, plans: {}, changed: {} })
			const batch = runs[0]?.batch
			if (batch !== undefined) options.set(batch, { force, allowDowngrade })
			return batch
		} catch (startError) {
			set({ starting: false, startError })
			return undefined
		}
	}

	return {
		store,
		open,
		openVersion,
		close: () => {
			stopPlanning()
			store.setState((now) => ({ ...emptyWorkspace, applianceIds: now.applianceIds }), true)
		},
		choose: (choice) => {
			store.setState((now) => withChoice(now, choice), true)
			if (Object.keys(get().plans).length === 0) stopPlanning()
		},
		plan,
		stopPlanning: () => {
			stopPlanning()
			store.setState((now) => ({ plans: withoutAsked(now.plans) }))
		},
		async lookAgain({ batch, folder, pools, changed }) {
			await open(folder)
			if (get().opened?.folder !== folder) return
			const choice = { applianceIds: Object.keys(changed), pools, ...(options.get(batch) ?? noOptions) }
			store.setState((now) => ({ ...withChoice(now, choice), changed }), true)
			await plan()
		},
		start,
	}
}

/** What was looked at; an appliance that gave no plan has none, and nothing begins there. */
function digestsOf({ plans, applianceIds }: Workspace): Record<string, string> {
	const made = applianceIds.flatMap((id) => {
		const state = plans[id]
		return state?.state === "made" ? [[id, state.plan.digest] as const] : []
	})
	return Object.fromEntries(made)
}

/** Nobody waits for these any more: that they did not answer is what there is to see. */
function withoutAsked(plans: Workspace["plans"]): Workspace["plans"] {
	const error = new FailureError("cancelled", { what: "the plan" })
	return Object.fromEntries(
		Object.entries(plans).map(([id, state]) => [id, state.state === "planning" ? { state: "failed", error } : state]),
	)
}
