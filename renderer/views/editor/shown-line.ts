import { createStore } from "zustand/vanilla"

/** The place in the raw view that somebody asked for; `count` tells one question from the next. */
export const shownLine = createStore<{ line: number; column: number; count: number }>(() => ({
	line: 0,
	column: 0,
	count: 0,
}))

export function showLine(line: number, column: number): void {
	shownLine.setState(({ count }) => ({ line, column, count: count + 1 }))
}
