import type { DesktopState } from "../../../core/schema/desktop.ts"
import { isEnded } from "../../stores/desktop.ts"
import { hashOf, type Route } from "../../stores/route.ts"
import type { Workspace } from "../../stores/workspace.ts"

/** What the tour looks at. It follows what a person does and does nothing by itself. */
export interface TourFacts {
	state: DesktopState
	workspace: Pick<Workspace, "opened" | "plans">
	route: Route
	/** When the tour began: runs from before do not count. */
	since: string
}

export interface Step {
	name: "demo" | "module" | "plan" | "run" | "put-back" | "history" | "revert"
	title: string
	text: string
	/** Where its control is. */
	route(facts: TourFacts): Route
	/** The control, as a selector. */
	control(facts: TourFacts): string
	isDone(facts: TourFacts): boolean
}

/** The folder of the demo's module has this name. */
const DEMO_MODULE = "web-security"

/** The demo's appliance that takes every fix. */
const HEALTHY = "Demo: healthy"

export const steps: readonly Step[] = [
	{
		name: "demo",
		title: "Add the demo appliances",
		text: "Three appliances start inside this program, and the module that repairs them opens. Nothing outside a temporary folder is touched.",
		route: () => ({ view: "appliances" }),
		control: () => anchor("demo"),
		isDone: ({ state }) => state.appliances.some(({ embedded }) => embedded),
	},
	{
		name: "module",
		title: "Open the demo module",
		text: "It is among the recent ones. A module holds pools: corrected files, where they go, and the commands that prove that they work.",
		route: () => ({ view: "run" }),
		control: () => anchor(`recent ${DEMO_MODULE}`),
		isDone: ({ workspace }) => workspace.opened?.name === DEMO_MODULE,
	},
	{
		name: "plan",
		title: "Look at the plan",
		text: "The plan says what a run would do on each appliance, file by file and command by command. It changes nothing.",
		route: () => ({ view: "run" }),
		control: () => anchor("plan"),
		isDone: (facts) =>
			Object.values(facts.workspace.plans).some(({ state }) => state === "made") || applied(facts).length > 0,
	},
	{
		name: "run",
		title: "Run it",
		text: "One run on each of the three appliances. Each pool is backed up, applied and proved, or put back.",
		route: () => ({ view: "run" }),
		control: () => anchor("run"),
		isDone: (facts) => applied(facts).length > 0,
	},
	{
		name: "put-back",
		title: "See what was put back",
		text: "On “Demo: changed by its owner” a pool cannot work. Choose that appliance when its run has ended: it says why, and that everything is as it was.",
		route: (facts) => putBackRoute(facts) ?? { view: "run" },
		control: (facts) => linkTo(putBackRoute(facts)),
		isDone: (facts) => {
			const run = putBack(facts)
			return run !== undefined && facts.route.view === "live" && facts.route.run === run.id
		},
	},
	{
		name: "history",
		title: "Open the history",
		text: "Read what the run says, then go to History: every pool of every run, on every appliance, with its full record.",
		route: () => ({ view: "history" }),
		control: () => linkTo({ view: "history" }),
		isDone: ({ route }) => route.view === "history",
	},
	{
		name: "revert",
		title: "Put an applied pool back",
		text: "Open the actions of a result that says “Applied”, and choose “Put back what this run changed”: the appliance gets its own files again.",
		route: () => ({ view: "history" }),
		control: () => `[aria-label^="Actions for"][aria-label$="on ${HEALTHY}"]`,
		isDone: ({ state, since }) => state.runs.some((run) => run.kind === "revert" && run.startedAt >= since),
	},
]

/** The step to show, by its number: the first that is open, never one before `reached` but to open the module again. */
export function currentStep(facts: TourFacts, reached: number): number {
	const open = steps.findIndex((step, index) => index >= reached && !step.isDone(facts))
	const at = open < 0 ? steps.length : open
	const needsModule = steps[at]?.name === "plan" || steps[at]?.name === "run"
	return needsModule && !steps[1]?.isDone(facts) ? 1 : at
}

function applied({ state, since }: TourFacts) {
	return state.runs.filter((run) => run.kind === "apply" && run.startedAt >= since)
}

/** The run that a pool of which was put back. */
function putBack(facts: TourFacts) {
	return applied(facts).find((run) => isEnded(run) && run.outcome === "failed")
}

function putBackRoute(facts: TourFacts): Route | undefined {
	const run = putBack(facts) ?? applied(facts)[0]
	return run && { view: "live", batch: run.batch, run: run.id }
}

function anchor(name: string): string {
	return `[data-tour="${name}"]`
}

function linkTo(route: Route | undefined): string {
	return route ? `a[href="${CSS.escape(hashOf(route))}"]` : anchor("none")
}
