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
	scrollToEnd(): void
	/** Brings a line to the middle. */
	scrollToLine(line: number): void
}

/** The lines in view of a box that scrolls many lines, all of one height. Calls `onScrolledUp` when a person did. */
export function useLineWindow(
	box: RefObject<HTMLElement | null>,
	length: number,
	visible: number,
	onScrolledUp: () => void,
): LineWindow {
	const [scrolled, setScrolled] = useState(0)
	const before = useRef(0)
	const total = length * LINE
	const height = Math.min(total, MAX_HEIGHT)
	const room = Math.max(1, height - visible)
	// How far the lines move for one pixel of the scroll bar.
	const step = height < total ? (total - visible) / room : 1
	const start = Math.max(0, Math.min(scrolled * step, total - visible))
	const first = Math.max(0, Math.floor(start / LINE) - BEYOND)

	const scrollTo = useCallback(
		(place: number) => {
			if (!box.current) return
			box.current.scrollTop = place
			before.current = box.current.scrollTop
			setScrolled(box.current.scrollTop)
		},
		[box],
	)
	const onScroll = () => {
		const now = box.current?.scrollTop ?? 0
		if (now < before.current && now < room - LINE * 2) onScrolledUp()
		before.current = now
		setScrolled(now)
	}
	// Dropped lines make everything shorter, and the browser moves the place without saying so.
	useLayoutEffect(() => {
		const now = box.current?.scrollTop ?? 0
		if (now > room) scrollTo(room)
	}, [box, room, scrollTo])
	return {
		height,
		first,
		end: Math.min(length, Math.ceil((start + visible) / LINE) + BEYOND),
		top: scrolled + (first * LINE - start),
		isAtEnd: scrolled >= room - LINE * 2,
		onScroll,
		scrollToEnd: useCallback(() => scrollTo(height), [scrollTo, height]),
		scrollToLine: (line) => scrollTo((line * LINE - visible / 2) / step),
	}
}
