import type { KeyboardEvent } from "react"

/** Whether a key chooses another row of a list box. */
export function isArrow({ key, altKey }: KeyboardEvent): boolean {
	return !altKey && ["ArrowUp", "ArrowDown", "Home", "End"].includes(key)
}

/** `chosen`: the row that is chosen now, if any. */
export function pressArrow(
	event: KeyboardEvent,
	chosen: number | undefined,
	count: number,
	go: (index: number) => void,
) {
	event.preventDefault()
	const last = count - 1
	const from = chosen ?? -1
	const to = { ArrowUp: from - 1, ArrowDown: from + 1, Home: 0, End: last }[event.key] ?? from
	if (count > 0) go(Math.max(0, Math.min(last, to)))
}
