import { createContext, useContext, useEffect, useState } from "react"
import { formatAgo, formatDuration, formatMoment } from "./format.ts"

/** The time now, once every so many milliseconds. */
function useNow(every: number, running = true): number {
	const [now, setNow] = useState(() => Date.now())
	useEffect(() => {
		if (!running) return
		setNow(Date.now())
		const timer = setInterval(() => setNow(Date.now()), every)
		return () => clearInterval(timer)
	}, [every, running])
	return now
}

/** How long ago something was; the exact moment as its title. */
export function Ago({ time }: { time: string }) {
	const now = useNow(20_000)
	return (
		<time dateTime={time} title={formatMoment(time)}>
			{formatAgo(time, now)}
		</time>
	)
}

/** How soon something comes: "in 12 s", and "now" from then on. */
export function Until({ time }: { time: string }) {
	const now = useNow(500)
	const seconds = Math.ceil((Date.parse(time) - now) / 1000)
	return <span className="tabular">{seconds > 0 ? `in ${seconds} s` : "now"}</span>
}

/** How far the clock that the times within come from is behind ours, milliseconds. */
export const ClockBehind = createContext(0)

/** The time now, as that clock has it. */
export function useTheirNow(every: number, running = true): number {
	return useNow(every, running) - useContext(ClockBehind)
}

/** How long something takes that is still going on. */
export function Elapsed({ since }: { since: string }) {
	const now = useTheirNow(500)
	return <span className="tabular">{formatDuration(Math.max(0, now - Date.parse(since)))}</span>
}
