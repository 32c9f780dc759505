import { useState } from "react"
import type { FetchResult } from "../../../../core/schema/appliance-compare.ts"
import { useApp } from "../../../stores/context.ts"
import { poolsOf } from "../../../stores/module-document.ts"
import { useDocument, useEditing } from "../context.ts"
import { addFetched } from "./entries.ts"

interface Asked {
	path: string
	target?: string
	replaces?: string
}

/** Fetches files from an appliance and adds them to a pool; `results` are those of the last fetch. */
export function useFetch(applianceId: string | undefined) {
	const { api } = useApp()
	const document = useDocument()
	const first = useEditing(({ value, selected }) =>
		poolsOf(value).length === 0 ? "none" : selected.part === "pool" ? String(selected.index) : "0",
	)
	const [choice, setPool] = useState<string>()
	const [isFetching, setFetching] = useState(false)
	const [results, setResults] = useState<FetchResult[]>([])
	const [error, setError] = useState<unknown>()
	const pool = choice ?? first

	/** As the document is now, not as it was when the fetch began. */
	const add = (fetched: FetchResult[]) => {
		const now = document.store.getState()
		const index = Number(pool)
		if (now.state !== "open" || pool === "none" || index >= poolsOf(now.editing.value).length) return
		const action = addFetched(now.editing.value, index, fetched)
		if (action) document.act(action)
	}
	/** False where nothing came of it. */
	const fetch = async (files: Asked[]) => {
		if (applianceId === undefined) return false
		setFetching(true)
		setError(undefined)
		try {
			const answer = await api.appliances.fetch({ applianceId, folder: document.folder, files })
			setResults(answer.results)
			add(answer.results)
			return true
		} catch (problem) {
			setError(problem)
			return false
		} finally {
			setFetching(false)
		}
	}
	const replace = ({ path, result }: FetchResult) => {
		const replaces = result.state === "conflict" ? result.digest : undefined
		return fetch([{ path, target: result.target, ...(replaces !== undefined && { replaces }) }])
	}
	return { fetch, replace, isFetching, results, error, pool, setPool }
}
