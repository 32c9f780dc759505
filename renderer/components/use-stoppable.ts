import { useMemo, useRef, useState } from "react"

/**
 * Work that a person can end, one at a time: beginning anew ends what went on. `run` resolves to undefined where it was
 * ended, and fails as the work does. It outlives whoever shows it, unless that one calls `stop`.
 */
export function useStoppable() {
	const [isGoing, setGoing] = useState(false)
	const going = useRef<AbortController>(undefined)
	const calls = useMemo(() => {
		const stop = () => going.current?.abort()
		const run = async <T>(work: (signal: AbortSignal) => Promise<T>): Promise<T | undefined> => {
			stop()
			const own = new AbortController()
			going.current = own
			setGoing(true)
			try {
				const result = await work(own.signal)
				return own.signal.aborted ? undefined : result
			} catch (error) {
				if (own.signal.aborted) return undefined
				throw error
			} finally {
				if (going.current === own) setGoing(false)
			}
		}
		return { run, stop }
	}, [])
	return { isGoing, ...calls }
}
