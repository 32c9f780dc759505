import type { Route } from "../../stores/route.ts"

export interface Shortcut {
	/** One after the other, or with a modifier first. */
	keys: readonly string[]
	does: string
	/** Where it holds; everywhere when absent. */
	where?: string
}

/** The views that a letter after `g` leads to. */
export const places = {
	r: { route: { view: "run" }, name: "Run" },
	m: { route: { view: "modules" }, name: "Modules" },
	k: { route: { view: "signing" }, name: "Signing keys" },
	a: { route: { view: "appliances" }, name: "Appliances" },
	o: { route: { view: "rollouts" }, name: "Rollouts" },
	h: { route: { view: "history" }, name: "History" },
	d: { route: { view: "help" }, name: "Help" },
} as const satisfies Record<string, { route: Route; name: string }>

const isMac = typeof navigator !== "undefined" && navigator.platform.startsWith("Mac")
/** Ctrl, or Cmd where that is the custom. */
export const MODIFIER = isMac ? "Cmd" : "Ctrl"

/** Whether the modifier of commands is held, and no other. */
export function isCommandKey(event: Pick<KeyboardEvent, "ctrlKey" | "metaKey" | "altKey">): boolean {
	return event.altKey ? false : isMac ? event.metaKey && !event.ctrlKey : event.ctrlKey && !event.metaKey
}

/** Every shortcut there is: what the list of them and the palette show, and what the keys are looked up in. */
export const shortcuts = {
	palette: { keys: [MODIFIER, "K"], does: "Find a command, a module, an appliance or a run" },
	"go-r": { keys: ["g", "r"], does: "Go to Run" },
	"go-m": { keys: ["g", "m"], does: "Go to Modules" },
	"go-k": { keys: ["g", "k"], does: "Go to Signing keys" },
	"go-a": { keys: ["g", "a"], does: "Go to Appliances" },
	"go-o": { keys: ["g", "o"], does: "Go to Rollouts" },
	"go-h": { keys: ["g", "h"], does: "Go to History" },
	"go-d": { keys: ["g", "d"], does: "Go to Help" },
	open: { keys: ["o"], does: "Open a module", where: "Run" },
	plan: { keys: ["p"], does: "Make the plan", where: "Run" },
	new: {
		keys: ["n"],
		does: "Add an appliance, a module, a pool or a key, start a rollout",
		where: "the lists of these",
	},
	search: { keys: ["/"], does: "Search", where: "Modules, Appliances; the output of a command" },
	save: { keys: [MODIFIER, "S"], does: "Save", where: "the editor" },
	undo: { keys: [MODIFIER, "Z"], does: "Undo; with Shift: redo", where: "the editor" },
	move: { keys: ["Alt", "↑", "↓"], does: "Move a pool or a command", where: "the editor" },
	below: { keys: ["Enter"], does: "A new command below", where: "a list of commands" },
	leave: { keys: ["Esc", "Tab"], does: "Leave the text, one after the other", where: "a source" },
	next: { keys: ["j"], does: "Next appliance", where: "a run" },
	previous: { keys: ["k"], does: "Previous appliance", where: "a run" },
	hostKeys: { keys: ["↑", "↓"], does: "Previous, next host key", where: "their table" },
	tiles: { keys: ["↑", "↓", "←", "→"], does: "From appliance to appliance", where: "the waves of a rollout" },
	close: { keys: ["Esc"], does: "Close a dialog; refuse a question; leave the tour" },
	help: { keys: ["?"], does: "Show this list" },
} as const satisfies Record<string, Shortcut>

export type ShortcutName = keyof typeof shortcuts
