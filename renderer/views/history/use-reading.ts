import { useEffect } from "react"
import { useApp, useDesktop } from "../../stores/context.ts"
import { readWithEndings } from "../../stores/reading.ts"

/** Reads at once, also when `read` or `round` changes, and again when runs have ended. `read` does not fail. */
export function useReading(read: (signal: AbortSignal) => Promise<void>, round: number): void {
	const { desktop } = useApp()
	const connected = useDesktop(({ connection }) => connection === "connected")
	// biome-ignore lint/correctness/useExhaustiveDependencies: a new round is a reason to read again
	useEffect(() => (connected ? readWithEndings(desktop, read) : undefined), [desktop, connected, read, round])
}
