import { useEffect, useState } from "react"
import type { DesktopRun } from "../../../core/schema/desktop.ts"
import { useApp, useDesktop } from "../../stores/context.ts"

/** A run, also one that is older than those that are shown without asking. */
export function useRun(id: string): { run?: DesktopRun; error?: unknown; retry(): void } {
	const { api } = useApp()
	const known = useDesktop((desktop) => desktop.state?.runs.find((one) => one.id === id))
	const [fetched, setFetched] = useState<DesktopRun>()
	const [error, setError] = useState<unknown>()
	const [round, setRound] = useState(0)
	const isKnown = known !== undefined
	// biome-ignore lint/correctness/useExhaustiveDependencies: `round` asks again
	useEffect(() => {
		if (isKnown) return
		let stale = false
		setError(undefined)
		api.runs
			.get({ id })
			.then((run) => !stale && setFetched(run))
			.catch((problem) => !stale && setError(problem))
		return () => {
			stale = true
		}
	}, [api, id, isKnown, round])
	const run = known ?? fetched
	return { ...(run && { run }), ...(error !== undefined && { error }), retry: () => setRound(round + 1) }
}
