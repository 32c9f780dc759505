import { useCallback, useState } from "react"
import type { HistoryChoices } from "../../../core/schema/history-choices.ts"
import { useApp } from "../../stores/context.ts"
import { useReading } from "./use-reading.ts"

interface Choices {
	choices?: HistoryChoices
	choicesError?: unknown
}

/** What the history can be filtered by; read again when runs have ended or `round` changes. */
export function useChoices(round: number): Choices {
	const { api } = useApp()
	const [state, setState] = useState<Choices>({})
	const read = useCallback(
		async (signal: AbortSignal) => {
			try {
				const choices = await api.history.choices({}, { signal })
				if (!signal.aborted) setState({ choices })
			} catch (choicesError) {
				if (!signal.aborted) setState((now) => ({ ...now, choicesError }))
			}
		},
		[api],
	)
	useReading(read, round)
	return state
}
