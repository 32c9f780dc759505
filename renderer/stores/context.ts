import { createContext, useContext } from "react"
import { useStore } from "zustand"
import type { PageState } from "../../core/schema/page-state.ts"
import type { Api } from "../rpc/api.ts"
import type { Desktop, DesktopStore } from "./desktop.ts"
import type { Kept } from "./kept.ts"
import type { ModuleDocuments } from "./module-documents.ts"
import type { RolloutDraft, RolloutDraftActions } from "./rollout-draft.ts"
import type { FollowedRollout, RolloutViews } from "./rollout-views.ts"
import type { RolloutList, Rollouts } from "./rollouts.ts"
import { type Route, routeStore } from "./route.ts"
import type { FollowedRun, RunViews } from "./run-views.ts"
import type { Trials } from "./trials.ts"
import type { Workspace, WorkspaceActions } from "./workspace.ts"

/** What the views work with; made once in `main.tsx`. */
export interface App {
	api: Api
	desktop: DesktopStore
	runViews: RunViews
	workspace: WorkspaceActions
	documents: ModuleDocuments
	trials: Trials
	rollouts: Rollouts
	rolloutViews: RolloutViews
	rolloutDraft: RolloutDraftActions
	kept: Kept
}

export const AppContext = createContext<App | undefined>(undefined)

export function useApp(): App {
	const app = useContext(AppContext)
	if (!app) throw new Error("cannot use the app outside of its context")
	return app
}

export function useDesktop<T>(select: (desktop: Desktop) => T): T {
	return useStore(useApp().desktop, select)
}

export function useWorkspace<T>(select: (workspace: Workspace) => T): T {
	return useStore(useApp().workspace.store, select)
}

/** Nothing is kept until it has been read. */
export function useKept(): PageState {
	return useStore(useApp().kept.store, ({ state }) => state) ?? nothingKept
}

const nothingKept: PageState = {}

export function useFollowedRun(id: string): FollowedRun | undefined {
	return useStore(useApp().runViews.store, (all) => all[id])
}

export function useRollouts<T>(select: (list: RolloutList) => T): T {
	return useStore(useApp().rollouts.store, select)
}

export function useFollowedRollout(id: string): FollowedRollout | undefined {
	return useStore(useApp().rolloutViews.store, (all) => all[id])
}

export function useRolloutDraft(): RolloutDraft {
	return useStore(useApp().rolloutDraft.store)
}

export function useRoute(): Route {
	return useStore(routeStore)
}
