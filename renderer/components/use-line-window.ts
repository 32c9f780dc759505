import { type RefObject, useCallback, useLayoutEffect, useRef, useState } from "react"

/** Height of one line, pixels; `output.module.css` has the same. */
export const LINE = 19
/** Lines beyond the edges, so that a quick scroll shows no gap. */
const BEYOND = 12
/** Browsers lay nothing out beyond some 30 million pixels: what is longer is scrolled in larger steps. */
const MAX_HEIGHT = 15_000_000

export interface LineWindow {
	/** Of everything, pixels. */
	height: number
	first: number
	/** After the last line that is in view. */
	end: number
	/** Where the first line lies, pixels from the top of everything. */
	top: number
	isAtEnd: boolean
	onScroll(): void
	scrollToStart(): void
	scrollToEnd(): void
	/** Brings a line to the middle. */
	scrollToLine(line: number): void
}

/**
 * The lines in view of a box that scrolls many lines, all of one height. `isStuck`: it stays at the end. Calls
 * `onScrolledUp` when a person did. Where the box is scrolled to is written and not read back: reading lays the page out.
 */
export function useLineWindow(
	box: RefObject<HTMLElement | null>,
	{ length, visible, isStuck, onScrolledUp }: LineWindowOptions,
): LineWindow {
	const [place, setPlace] = useState(0)
	const before = useRef(0)
	const total = length * LINE
	const height = Math.min(total, MAX_HEIGHT)
	const room = Math.max(1, height - visible)
	const scrolled = isStuck ? room : Math.min(place, room)
	// How far the lines move for one pixel of the scroll bar.
	const step = height < total ? (total - visible) / room : 1
	const start = Math.max(0, Math.min(scrolled * step, total - visible))
	const first = Math.max(0, Math.floor(start / LINE) - BEYOND)

	const scrollTo = useCallback(
		(to: number) => {
			if (box.current) box.current.scrollTop = to
			before.current = to
			setPlace(to)
		},
		[box],
	)
	// biome-ignore lint/correctness/useExhaustiveDependencies: the log grew
	useLayoutEffect(() => {
		if (!isStuck || !box.current) return
		box.current.scrollTop = height
		before.current = room
	}, [isStuck, length, height, room, box])
	useLayoutEffect(() => {
		if (!isStuck) setPlace(before.current)
	}, [isStuck])
	const onScroll = () => {
		const now = box.current?.scrollTop ?? 0
		const isUp = now < before.current && now < room - LINE * 2
		before.current = now
		if (isUp) onScrolledUp()
		if (isUp || !isStuck) setPlace(now)
	}
	return {
		height,
		first,
		end: Math.min(length, Math.ceil((start + visible) / LINE) + BEYOND),
		top: scrolled + (first * LINE - start),
		isAtEnd: scrolled >= room - LINE * 2,
		onScroll,
		scrollToStart: () => scrollTo(0),
		scrollToEnd: useCallback(() => scrollTo(room), [scrollTo, room]),
		scrollToLine: (line) => scrollTo(Math.max(0, Math.min(room, (line * LINE - visible / 2) / step))),
	}
}

interface LineWindowOptions {
	length: number
	/** Height of what is in view, pixels. */
	visible: number
	isStuck: boolean
	onScrolledUp(): void
}
