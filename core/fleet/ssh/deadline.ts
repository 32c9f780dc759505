/** A time limit that stands still while a person is asked. */
export interface Deadline {
	/** Starts anew with this many milliseconds. */
	start(ms: number, onExpired: () => void): void
	/** The time that `work` takes does not count. */
	without<T>(work: () => Promise<T>): Promise<T>
	stop(): void
}

export function createDeadline(): Deadline {
	let timer: NodeJS.Timeout | undefined
	let current: { leftMs: number; since: number; onExpired: () => void } | undefined
	let paused = 0
	const run = () => {
		if (!current || paused > 0) return
		current.since = Date.now()
		timer = setTimeout(current.onExpired, current.leftMs)
	}
	const pause = () => {
		clearTimeout(timer)
		if (paused++ === 0 && current) current.leftMs -= Date.now() - current.since
	}
	return {
		start(ms, onExpired) {
			clearTimeout(timer)
			current = { leftMs: ms, since: Date.now(), onExpired }
			run()
		},
		async without(work) {
			pause()
			try {
				return await work()
			} finally {
				if (--paused === 0) run()
			}
		},
		stop() {
			clearTimeout(timer)
			current = undefined
		},
	}
}
