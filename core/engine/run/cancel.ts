import type { Host } from "../host.ts"
import type { RunLayout } from "../layout.ts"

/** How often it is looked whether another process asks a run to stop, in milliseconds. */
const EVERY_MS = 300

/** One signal for both ways of cancelling: the caller's own, and the file that any process may make. */
export function watchCancel(host: Host, layout: RunLayout, signal?: AbortSignal): { signal: AbortSignal; end(): void } {
	const cancelled = new AbortController()
	const abort = () => cancelled.abort()
	if (signal?.aborted) abort()
	signal?.addEventListener("abort", abort)
	const stop = host.clock.every(EVERY_MS, () => {
		// A disk that does not answer now is asked again.
		host.disk.lstat(layout.cancel).then(
			(found) => found && abort(),
			() => {},
		)
	})
	return {
		signal: cancelled.signal,
		end: () => {
			stop()
			signal?.removeEventListener("abort", abort)
		},
	}
}
