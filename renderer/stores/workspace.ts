import { createStore, type StoreApi } from "zustand/vanilla"
import type { OpenModule } from "../../core/schema/desktop.ts"
import type { Plan } from "../../core/schema/plan.ts"
import type { Api } from "../rpc/api.ts"

/** The plan for one appliance: being made, made, or why it could not be. */
export type PlanState = { state: "planning" } | { state: "made"; plan: Plan } | { state: "failed"; error: unknown }

/** What is chosen for the next run. */
export interface Workspace {
	folder?: string
	opened?: OpenModule
	opening: boolean
	openError?: unknown
	pools: string[]
	applianceIds: string[]
	force: boolean
	allowDowngrade: boolean
	plans: Record<string, PlanState>
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
	starting: false,
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
export function withModule(workspace: Workspace, opened: OpenModule): Workspace {
	const ids = (opened.module?.pools ?? []).filter((pool) => pool.enabled).map((pool) => pool.id)
	const reloaded = workspace.opened?.folder === opened.folder
	const known = new Set(workspace.opened?.module?.pools.map((pool) => pool.id))
	const pools = reloaded ? ids.filter((id) => workspace.pools.includes(id) || !known.has(id)) : ids
	const { openError: _, startError: __, ...rest } = workspace
	return { ...rest, folder: opened.folder, opened, opening: false, pools, plans: {} }
}

/** `pools` of a call: absent when all are chosen, so that the run stands for the whole module. */
export function chosenPools(workspace: Workspace): string[] | undefined {
	const enabled = (workspace.opened?.module?.pools ?? []).filter((pool) => pool.enabled)
	return enabled.every((pool) => workspace.pools.includes(pool.id)) ? undefined : workspace.pools
}

/** A choice changed: plans made for another one no longer hold. */
export function withChoice(workspace: Workspace, choice: Partial<Workspace>): Workspace {
	const samePools = choice.pools === undefined
	return { ...workspace, ...choice, plans: samePools ? workspace.plans : {} }
}

export interface WorkspaceActions {
	store: StoreApi<Workspace>
	open(folder: string): Promise<void>
	close(): void
	choose(choice: Partial<Pick<Workspace, "pools" | "applianceIds" | "force" | "allowDowngrade">>): void
	plan(): Promise<void>
	/** The batch that was started; undefined when it was not, `startError` says why. */
	start(): Promise<string | undefined>
}

export function createWorkspace(api: Api): WorkspaceActions {
	const store = createStore<Workspace>(() => emptyWorkspace)
	const set = (change: Partial<Workspace>) => store.setState(change)
	const get = () => store.getState()

	const open = async (folder: string) => {
		set({ opening: true, openError: undefined })
		try {
			const opened = await api.modules.open({ folder })
			store.setState((now) => withModule(now, opened), true)
		} catch (openError) {
			set({ opening: false, openError })
		}
	}

	const planOne = async (folder: string, applianceId: string, pools: string[] | undefined) => {
		const put = (state: PlanState) => {
			if (get().opened?.folder === folder) store.setState((now) => ({ plans: { ...now.plans, [applianceId]: state } }))
		}
		put({ state: "planning" })
		try {
			put({ state: "made", plan: await api.runs.plan({ folder, applianceId, pools }) })
		} catch (error) {
			put({ state: "failed", error })
		}
	}

	const plan = async () => {
		const { opened, applianceIds } = get()
		if (!opened) return
		const pools = chosenPools(get())
		set({ plans: {} })
		await Promise.all(applianceIds.map((id) => planOne(opened.folder, id, pools)))
	}

	const start = async () => {
		const { opened, applianceIds, force, allowDowngrade } = get()
		if (!opened || get().starting) return undefined
		set({ starting: true, startError: undefined })
		try {
			const pools = chosenPools(get())
			const { runs } = await api.runs.start({ folder: opened.folder, applianceIds, pools, force, allowDowngrade })
			set({ starting: false, force: false, allowDowngrade: false, plans: {} })
			return runs[0]?.batch
		} catch (startError) {
			set({ starting: false, startError })
			return undefined
		}
	}

	return {
		store,
		open,
		close: () => store.setState((now) => ({ ...emptyWorkspace, applianceIds: now.applianceIds }), true),
		choose: (choice) => store.setState((now) => withChoice(now, choice), true),
		plan,
		start,
	}
}
