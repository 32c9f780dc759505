import { Kbd, Modal } from "@mantine/core"
import { useEffect, useLayoutEffect } from "react"
import { create } from "zustand"
import { goTo, type Route, routeStore } from "../../stores/route.ts"
import classes from "./shell.module.css"
import { places, type Shortcut, shortcuts } from "./shortcut-list.ts"

const store = create<{ open: boolean }>(() => ({ open: false }))
export const openShortcuts = () => store.setState({ open: true })

const SEQUENCE_MS = 1200

type Keys = Record<string, () => void>

/** What views do at a key, the newest view last. */
const registered = new Set<{ current: Keys }>()
/** A key that was asked for before its view was there, and until when, milliseconds. */
let wanted: { key: string; until: number } | undefined
const WAIT_MS = 3000

/** Whether a key belongs to what has the focus: typing, or a dialog or menu that is open. */
export function isTaken(event: KeyboardEvent): boolean {
	if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return true
	// Of a text editor in a shadow root, `target` would be what holds it.
	const [first] = event.composedPath()
	const target = first instanceof HTMLElement ? first : null
	if (target?.closest("input, textarea, select, [contenteditable], [role=dialog], [role=menu], [role=listbox]")) {
		return !(target instanceof HTMLInputElement && target.type === "checkbox")
	}
	return document.querySelector("[role=dialog]") !== null
}

/** Single keys for one view. They work from the moment on that what they do is shown: an effect after that may be late. */
export function useKeys(keys: Keys): void {
	useLayoutEffect(() => {
		const own = { current: keys }
		registered.add(own)
		const asked = wanted && wanted.until > performance.now() ? keys[wanted.key] : undefined
		if (asked) {
			wanted = undefined
			asked()
		}
		const press = (event: KeyboardEvent) => {
			const act = keys[event.key]
			if (!act || isTaken(event)) return
			event.preventDefault()
			act()
		}
		window.addEventListener("keydown", press)
		return () => {
			registered.delete(own)
			window.removeEventListener("keydown", press)
		}
	})
}

/** Does what a view's shortcut does, in that view; goes there first where another one is open. */
export function actIn(view: Route["view"], shortcut: "open" | "plan" | "new"): void {
	const [key] = shortcuts[shortcut].keys
	if (routeStore.getState().view === view) {
		const own = [...registered].findLast(({ current }) => key in current)
		own?.current[key]?.()
		return
	}
	wanted = { key, until: performance.now() + WAIT_MS }
	goTo({ view } as Route)
}

function useSequences() {
	useEffect(() => {
		let startedAt = Number.NEGATIVE_INFINITY
		const press = (event: KeyboardEvent) => {
			if (isTaken(event)) return
			const place = places[event.key as keyof typeof places]
			if (place && event.timeStamp - startedAt < SEQUENCE_MS) {
				event.preventDefault()
				event.stopImmediatePropagation()
				goTo(place.route)
			}
			startedAt = event.key === "g" ? event.timeStamp : Number.NEGATIVE_INFINITY
			if (event.key === "?") openShortcuts()
		}
		window.addEventListener("keydown", press, { capture: true })
		return () => window.removeEventListener("keydown", press, { capture: true })
	}, [])
}

/** A shortcut as its keys. */
export function Keys({ keys }: { keys: readonly string[] }) {
	return keys.map((key) => <Kbd key={key}>{key}</Kbd>)
}

export function Shortcuts() {
	const open = store((state) => state.open)
	useSequences()
	return (
		<Modal opened={open} onClose={() => store.setState({ open: false })} title="Keyboard shortcuts" size="md">
			<dl className={classes.shortcuts}>
				{Object.entries<Shortcut>(shortcuts).map(([name, { keys, does, where }]) => (
					<div key={name} className={classes.shortcut}>
						<dt>
							<Keys keys={keys} />
						</dt>
						<dd>
							{does} {where && <span className={classes.where}>in {where}</span>}
						</dd>
					</div>
				))}
			</dl>
		</Modal>
	)
}
