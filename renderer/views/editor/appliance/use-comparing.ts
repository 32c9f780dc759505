import { useEffect, useRef, useState } from "react"
import { useApp } from "../../../stores/context.ts"
import { useDocument } from "../context.ts"
import { applyComparing, type ComparisonState, startComparison } from "./comparing.ts"

/** Compares on request; what comes of it is shown as it comes. It ends with whoever shows it. */
export function useComparing() {
	const { api } = useApp()
	const { folder } = useDocument()
	const [now, setNow] = useState<ComparisonState>()
	const going = useRef<AbortController>(undefined)
	useEffect(() => () => going.current?.abort(), [])

	const start = async (applianceIds: string[], paths: string[]) => {
		going.current?.abort()
		const stop = new AbortController()
		going.current = stop
		/** What still arrives of one that was given up says nothing of the next one. */
		const change = (update: (now: ComparisonState) => ComparisonState) =>
			!stop.signal.aborted && setNow((now) => now && update(now))
		setNow(startComparison(applianceIds))
		try {
			const asked = { folder, applianceIds, ...(paths.length > 0 && { paths }) }
			for await (const item of await api.appliances.compare(asked, { signal: stop.signal }))
				change((now) => applyComparing(now, item))
			change((now) => ({ ...now, state: "ended" }))
		} catch (error) {
			change((now) => ({ ...now, state: "ended", error }))
		}
	}
	const cancel = () => {
		going.current?.abort()
		setNow((now) => now && { ...now, state: "cancelled" })
	}
	return { now, start, cancel }
}
