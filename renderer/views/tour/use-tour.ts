import { useStore } from "zustand"
import { useApp, useDesktop, useKept, useRoute } from "../../stores/context.ts"
import { currentStep, steps, type TourFacts } from "./steps.ts"

type Tour =
	| { state: "none" }
	| { state: "offered" }
	| { state: "left" }
	| { state: "going"; step: number; reached: number; facts: TourFacts }

/** The tour as far as it is, and what a person can do with it. */
export function useTour(): Tour & { begin(): void; leave(): void; decline(): void; reach(step: number): void } {
	const { kept, workspace } = useApp()
	const { tour } = useKept()
	const state = useDesktop((desktop) => desktop.state)
	const opened = useStore(workspace.store, (now) => now.opened)
	const plans = useStore(workspace.store, (now) => now.plans)
	const route = useRoute()
	const set = (state: "going" | "left" | "done" | "declined", step: number, since = tour?.since) =>
		kept.change({ tour: { state, step, since: since ?? new Date().toISOString() } })
	const acts = {
		/** Where it was left; from the beginning when it was done. */
		begin: () => (tour?.state === "left" ? set("going", tour.step) : set("going", 0, new Date().toISOString())),
		leave: () => set(tour && tour.step >= steps.length ? "done" : "left", tour?.step ?? 0),
		decline: () => set("declined", 0),
		reach: (step: number) => set("going", step),
	}
	if (!state) return { state: "none", ...acts }
	if (!tour) {
		const isNew = state.appliances.length === 0 && state.recentModules.length === 0
		return { state: isNew ? "offered" : "none", ...acts }
	}
	if (tour.state !== "going") return { state: tour.state === "left" ? "left" : "none", ...acts }
	const facts = { state, workspace: { opened, plans }, route, since: tour.since }
	return { state: "going", step: currentStep(facts, tour.step), reached: tour.step, facts, ...acts }
}
