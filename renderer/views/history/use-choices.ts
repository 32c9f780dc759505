import { useEffect, useState } from "react"
import type { HistoryChoices } from "../../../core/schema/history-choices.ts"
import { useApp, useDesktop } from "../../stores/context.ts"
import { isEnded } from "../../stores/desktop.ts"

interface Choices {
	choices?: HistoryChoices
	choicesError?: unknown
}

/** What the history can be filtered by; read again when a run has ended or `round` changes. */
export function useChoices(round: number): Choices {
	const { api } = useApp()
	const [state, setState] = useState<Choices>({})
	const ended = useDesktop((desktop) => desktop.state?.runs.filter(isEnded).length ?? 0)
	const connected = useDesktop((desktop) => desktop.connection === "connected")
	// biome-ignore lint/correctness/useExhaustiveDependencies: an ended run and a new round are reasons to read again
	useEffect(() => {
		if (!connected) return
		let stale = false
		api.history
			.choices({})
			.then((choices) => !stale && setState({ choices }))
			.catch((choicesError) => !stale && setState((now) => ({ ...now, choicesError })))
		return () => {
			stale = true
		}
	}, [api, ended, connected, round])
	return state
}
