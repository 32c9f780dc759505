import type { Clock } from "../host.ts"

export const nodeClock: Clock = {
	now: () => Date.now(),
	monotonic: () => performance.now(),
	sleep: (ms, signal) =>
		new Promise((resolve) => {
			if (signal?.aborted) return resolve()
			const wake = () => {
				clearTimeout(timer)
				signal?.removeEventListener("abort", wake)
				resolve()
			}
			const timer = setTimeout(wake, ms)
			signal?.addEventListener("abort", wake, { once: true })
		}),
	after: (ms, callback) => {
		const timer = setTimeout(callback, ms)
		return () => clearTimeout(timer)
	},
	every: (ms, callback) => {
		const timer = setInterval(callback, ms)
		timer.unref()
		return () => clearInterval(timer)
	},
}
