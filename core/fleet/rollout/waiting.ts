/** Whoever waits for the next thing to happen. */
export function createWaiting() {
	const waiting = new Set<() => void>()
	return {
		wake(): void {
			for (const tell of waiting) tell()
		},
		/** Resolves at the next `wake`, after `ms` milliseconds, or when the signal is aborted. */
		next: (ms: number, signal: AbortSignal): Promise<void> =>
			new Promise((resolve) => {
				const done = () => {
					clearTimeout(timer)
					waiting.delete(done)
					signal.removeEventListener("abort", done)
					resolve()
				}
				const timer = setTimeout(done, ms)
				waiting.add(done)
				signal.addEventListener("abort", done)
				if (signal.aborted) done()
			}),
	}
}
