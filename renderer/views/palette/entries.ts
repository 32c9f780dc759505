import type { DesktopState } from "../../../core/schema/desktop.ts"
import { lookOfRun } from "../../components/outcome.tsx"
import type { Route } from "../../stores/route.ts"
import { places, type ShortcutName } from "../shell/shortcut-list.ts"
import { fitOf } from "./fuzzy.ts"

/** What an entry does when it is chosen: shows a view, or an action by its name. */
export type Does = { go: Route } | { open: string } | { history: string } | { action: Action }
export type Action =
	| "open"
	| "plan"
	| "run"
	| "add-appliance"
	| "new-module"
	| "new-rollout"
	| "demo"
	| "theme-auto"
	| "theme-light"
	| "theme-dark"
	| "notifications"
	| "shortcuts"
	| "tour"

export interface Entry {
	id: string
	group: "Runs" | "Modules" | "Appliances" | "Commands"
	title: string
	/** Said beside the title, and searched too. */
	note?: string
	shortcut?: ShortcutName
	does: Does
}

/** Recent things of one kind while nothing is typed. */
const RECENT = 4
/** Entries shown; nobody reads more. */
const MOST = 50

/** Everything that can be found, recent things first. */
export function entriesOf(state: DesktopState, now: { canPlan: boolean }): Entry[] {
	return [...runsOf(state), ...modulesOf(state), ...appliancesOf(state), ...commandsOf(state, now)]
}

/** The entries that fit what was typed, the best first; with nothing typed, a few recent things of each kind. */
export function findEntries(entries: readonly Entry[], typed: string): Entry[] {
	if (typed.trim() === "") return entries.filter(isShownAtFirst(entries))
	return entries
		.flatMap((entry) => {
			const fit = fitOf(typed, `${entry.title} ${entry.note ?? ""}`)
			return fit === undefined ? [] : [{ entry, fit }]
		})
		.sort((a, b) => b.fit - a.fit)
		.slice(0, MOST)
		.map(({ entry }) => entry)
}

function isShownAtFirst(entries: readonly Entry[]) {
	const first = new Set(
		(["Runs", "Modules", "Appliances"] as const).flatMap((group) =>
			entries.filter((entry) => entry.group === group).slice(0, RECENT),
		),
	)
	return (entry: Entry) => entry.group === "Commands" || first.has(entry)
}

function runsOf({ runs }: DesktopState): Entry[] {
	return runs.map((run) => ({
		id: `run ${run.id}`,
		group: "Runs",
		title: `${run.module.name} ${run.module.version} on ${run.applianceName}`,
		note: lookOfRun(run).word,
		does: { go: { view: "live", batch: run.batch, run: run.id } },
	}))
}

function modulesOf({ recentModules }: DesktopState): Entry[] {
	return recentModules.map(({ folder, name }) => ({
		id: `module ${folder}`,
		group: "Modules",
		title: name,
		note: folder,
		does: { open: folder },
	}))
}

/** Those that were seen last come first. */
function appliancesOf({ appliances }: DesktopState): Entry[] {
	return [...appliances]
		.sort((a, b) => (b.lastSeen ?? "").localeCompare(a.lastSeen ?? ""))
		.map(({ id, name, user, host }) => ({
			id: `appliance ${id}`,
			group: "Appliances",
			title: `History of ${name}`,
			note: `${user}@${host}`,
			does: { history: id },
		}))
}

function commandsOf({ appliances }: DesktopState, { canPlan }: { canPlan: boolean }): Entry[] {
	const act = (action: Action, title: string, shortcut?: ShortcutName): Entry => ({
		id: action,
		group: "Commands",
		title,
		does: { action },
		...(shortcut && { shortcut }),
	})
	const views = Object.entries(places).map(([key, { route, name }]): Entry => {
		const shortcut = `go-${key}` as ShortcutName
		return { id: shortcut, group: "Commands", title: `Go to ${name}`, shortcut, does: { go: route } }
	})
	return [
		...(canPlan ? [act("plan", "Make the plan", "plan"), act("run", "To the Run button")] : []),
		act("open", "Open a module", "open"),
		...views,
		act("new-module", "New module", "new"),
		act("new-rollout", "Start a rollout", "new"),
		act("add-appliance", "Add an appliance", "new"),
		...(appliances.some(({ embedded }) => embedded) ? [] : [act("demo", "Add demo appliances")]),
		act("notifications", "Notify when a long run ends: on or off"),
		act("theme-auto", "Appearance: as the system"),
		act("theme-light", "Appearance: light"),
		act("theme-dark", "Appearance: dark"),
		act("shortcuts", "Keyboard shortcuts", "help"),
		act("tour", "Take the tour"),
	]
}
