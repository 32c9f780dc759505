import { OfflineError } from "./link.ts"

/** Before what was cut off is asked for again, milliseconds. */
const AGAIN_MS = 500

/**
 * Follows a stream for as long as somebody listens: anew when its connection was lost. `once` follows it one time and
 * says what its end means: that there is no more, or only no more of this connection. Whatever else `once` fails with
 * ends this, too. After the signal nothing is thrown.
 */
export async function followAnew(signal: AbortSignal, once: () => Promise<"over" | "cut">): Promise<void> {
	while (!signal.aborted) {
		try {
			if ((await once()) === "over") return
		} catch (error) {
			if (signal.aborted) return
			if (!(error instanceof OfflineError)) throw error
		}
		await new Promise((resolve) => setTimeout(resolve, AGAIN_MS))
	}
}
