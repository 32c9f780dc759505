import type { DesktopStore } from "./desktop.ts"

/** Milliseconds without an ended run before it is read again. */
const REST_MS = 500
/** Milliseconds after the first one when it is read again though more keep ending. */
const LATEST_MS = 2000

/**
 * Reads at once, and again when runs have ended: many within a moment are one reason, and it is never read twice at a time.
 * `read` does not fail. Whoever stops it wants what is being read no more.
 */
export function readWithEndings(desktop: DesktopStore, read: (signal: AbortSignal) => Promise<void>): () => void {
	const stopped = new AbortController()
	let timer: ReturnType<typeof setTimeout> | undefined
	let firstEnding: number | undefined
	let isReading = false
	let isMissed = false

	const begin = async () => {
		firstEnding = undefined
		isMissed = false
		isReading = true
		await read(stopped.signal)
		isReading = false
		if (isMissed && !stopped.signal.aborted) readLater()
	}
	const readLater = () => {
		if (isReading) {
			isMissed = true
			return
		}
		firstEnding ??= Date.now()
		clearTimeout(timer)
		timer = setTimeout(() => void begin(), Math.min(REST_MS, firstEnding + LATEST_MS - Date.now()))
	}
	const unfollow = desktop.subscribe((now, before) => {
		if (now.endings !== before.endings) readLater()
	})
	void begin()
	return () => {
		unfollow()
		clearTimeout(timer)
		stopped.abort()
	}
}
