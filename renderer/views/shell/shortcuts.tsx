import { Kbd, Modal } from "@mantine/core"
import { useEffect } from "react"
import { create } from "zustand"
import { goTo, type Route } from "../../stores/route.ts"
import classes from "./shell.module.css"

const store = create<{ open: boolean }>(() => ({ open: false }))
export const openShortcuts = () => store.setState({ open: true })

const places: Record<string, Route> = {
	r: { view: "run" },
	m: { view: "modules" },
	a: { view: "appliances" },
	h: { view: "history" },
}

const shortcuts = [
	{ keys: ["g", "r"], does: "Go to Run" },
	{ keys: ["g", "m"], does: "Go to Modules" },
	{ keys: ["g", "a"], does: "Go to Appliances" },
	{ keys: ["g", "h"], does: "Go to History" },
	{ keys: ["o"], does: "Open a module (in Run)" },
	{ keys: ["p"], does: "Make the plan (in Run)" },
	{ keys: ["n"], does: "Add an appliance, a module, a pool (where these are listed)" },
	{ keys: ["Ctrl", "S"], does: "Save (in the editor)" },
	{ keys: ["Ctrl", "Z"], does: "Undo; with Shift: redo (in the editor)" },
	{ keys: ["Alt", "↑", "↓"], does: "Move a pool or a command (in the editor)" },
	{ keys: ["Enter"], does: "A new command below (in a list of commands)" },
	{ keys: ["Esc", "Tab"], does: "Leave a source's text, one after the other" },
	{ keys: ["/"], does: "Search (in the output of a command)" },
	{ keys: ["j"], does: "Next appliance of a run" },
	{ keys: ["k"], does: "Previous appliance of a run" },
	{ keys: ["↑", "↓"], does: "Previous, next host key (in their table)" },
	{ keys: ["Esc"], does: "Close a dialog; a question is refused" },
	{ keys: ["?"], does: "Show this help" },
]

const SEQUENCE_MS = 1200

/** Whether a key belongs to what has the focus: typing, or a dialog or menu that is open. */
function isTaken(event: KeyboardEvent): boolean {
	if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return true
	// Of a text editor in a shadow root, `target` would be what holds it.
	const [first] = event.composedPath()
	const target = first instanceof HTMLElement ? first : null
	if (target?.closest("input, textarea, select, [contenteditable], [role=dialog], [role=menu], [role=listbox]")) {
		return !(target instanceof HTMLInputElement && target.type === "checkbox")
	}
	return document.querySelector("[role=dialog]") !== null
}

/** Single keys for one view. */
export function useKeys(keys: Record<string, () => void>): void {
	useEffect(() => {
		const press = (event: KeyboardEvent) => {
			const act = keys[event.key]
			if (!act || isTaken(event)) return
			event.preventDefault()
			act()
		}
		window.addEventListener("keydown", press)
		return () => window.removeEventListener("keydown", press)
	})
}

function useSequences() {
	useEffect(() => {
		let startedAt = Number.NEGATIVE_INFINITY
		const press = (event: KeyboardEvent) => {
			if (isTaken(event)) return
			const place = places[event.key]
			if (place && event.timeStamp - startedAt < SEQUENCE_MS) {
				event.preventDefault()
				event.stopImmediatePropagation()
				goTo(place)
			}
			startedAt = event.key === "g" ? event.timeStamp : Number.NEGATIVE_INFINITY
			if (event.key === "?") openShortcuts()
		}
		window.addEventListener("keydown", press, { capture: true })
		return () => window.removeEventListener("keydown", press, { capture: true })
	}, [])
}

export function Shortcuts() {
	const open = store((state) => state.open)
	useSequences()
	return (
		<Modal opened={open} onClose={() => store.setState({ open: false })} title="Keyboard shortcuts" size="sm">
			<dl className={classes.shortcuts}>
				{shortcuts.map(({ keys, does }) => (
					<div key={does} className={classes.shortcut}>
						<dt>
							{keys.map((key) => (
								<Kbd key={key}>{key}</Kbd>
							))}
						</dt>
						<dd>{does}</dd>
					</div>
				))}
			</dl>
		</Modal>
	)
}
