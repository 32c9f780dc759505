import { createStore } from "zustand/vanilla"

export const editorTabs = ["pools", "sources", "appliance", "index", "publish", "versions"] as const
export type EditorTab = (typeof editorTabs)[number]

/** What the page shows; kept in the address, so that back, forward and reload do what one expects. */
export type Route =
	| { view: "run" }
	| { view: "modules" }
	| { view: "module"; folder: string; tab: EditorTab }
	| { view: "signing" }
	| { view: "appliances" }
	| { view: "live"; batch: string; run?: string }
	| { view: "history" }
	| { view: "record"; run: string; pool?: string }
	| { view: "rollouts" }
	| { view: "new-rollout" }
	| { view: "rollout"; id: string; appliance?: string }
	| { view: "help"; page?: string; section?: string }

/** In the place of a rollout's id, which is never this. */
const NEW = "new"

/** The route of an address's hash; anything unknown is the Run view. */
export function parseRoute(hash: string): Route {
	const [view, first, second] = hash
		.replace(/^#?\/?/, "")
		.split("/")
		.map(decodePart)
	if (view === "modules" && first) return { view: "module", folder: first, tab: tabOf(second) }
	if (view === "modules") return { view: "modules" }
	if (view === "signing") return { view: "signing" }
	if (view === "appliances") return { view: "appliances" }
	if (view === "runs" && first) return { view: "live", batch: first, ...(second ? { run: second } : {}) }
	if (view === "history" && first) return { view: "record", run: first, ...(second ? { pool: second } : {}) }
	if (view === "history") return { view: "history" }
	if (view === "rollouts" && first === NEW) return { view: "new-rollout" }
	if (view === "rollouts" && first) return { view: "rollout", id: first, ...(second ? { appliance: second } : {}) }
	if (view === "rollouts") return { view: "rollouts" }
	if (view === "help")
		return { view: "help", ...(first ? { page: first } : {}), ...(second ? { section: second } : {}) }
	return { view: "run" }
}

function tabOf(part: string | undefined): EditorTab {
	return editorTabs.find((tab) => tab === part) ?? "pools"
}

function decodePart(part: string): string {
	try {
		return decodeURIComponent(part)
	} catch {
		return ""
	}
}

/** The hash of a route. */
export function hashOf(route: Route): string {
	switch (route.view) {
		case "module":
			return join("modules", route.folder, route.tab)
		case "live":
			return join("runs", route.batch, route.run)
		case "record":
			return join("history", route.run, route.pool)
		case "new-rollout":
			return join("rollouts", NEW)
		case "rollout":
			return join("rollouts", route.id, route.appliance)
		case "help":
			return join("help", route.page, route.section)
		default:
			return `#/${route.view}`
	}
}

function join(...parts: (string | undefined)[]): string {
	return `#/${parts.flatMap((part) => (part === undefined ? [] : [encodeURIComponent(part)])).join("/")}`
}

export const routeStore = createStore<Route>(() => ({ view: "run" }))

/** Shows the address's route now and whenever it changes. */
export function followAddress(page: Window): void {
	const read = () => routeStore.setState(parseRoute(page.location.hash), true)
	page.addEventListener("hashchange", read)
	read()
}

/** Shows the view that was open last, where the address names none; from then on each view is given to `keep`. */
export function keepLastView(page: Window, last: string | undefined, keep: (hash: string) => void): void {
	if (last?.startsWith("#/") && /^#?\/?$/.test(page.location.hash)) {
		page.history.replaceState(null, "", last)
		routeStore.setState(parseRoute(last), true)
	}
	routeStore.subscribe((route) => keep(hashOf(route)))
}

export function goTo(route: Route): void {
	window.location.hash = hashOf(route)
}
