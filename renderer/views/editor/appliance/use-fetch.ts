import { useState } from "react"
import type { FetchResult } from "../../../../core/schema/appliance-compare.ts"
import { useStoppable } from "../../../components/use-stoppable.ts"
import { useApp } from "../../../stores/context.ts"
import { poolsOf } from "../../../stores/module-document.ts"
import { useDocument, useEditing } from "../context.ts"
import { findPool, markPool, type PoolMark } from "../pools/pool-mark.ts"
import { addFetched } from "./entries.ts"

interface AskedFile {
	path: string
	target?: string
	replaces?: string
	/** The content that was chosen. */
	digest?: string
}

export interface FetchRequest {
	applianceId: string
	files: AskedFile[]
	/** A pool has them already, and needs no further operation. */
	isPlaced?: boolean
}

/** Fetches files from an appliance and adds them to a pool; `results` are those of the last fetch. */
export function useFetch() {
	const { api } = useApp()
	const document = useDocument()
	const first = useEditing(({ value, selected }) =>
		poolsOf(value).length === 0 ? "none" : selected.part === "pool" ? String(selected.index) : "0",
	)
	const [choice, setPool] = useState<string>()
	const { isGoing, run, stop } = useStoppable()
	const [isStopped, setStopped] = useState(false)
	const [asked, setAsked] = useState<FetchRequest>()
	const [results, setResults] = useState<FetchResult[]>([])
	const [error, setError] = useState<unknown>()
	/** The pool that was gone when its files came. */
	const [lost, setLost] = useState<string>()
	const pool = choice ?? first

	const valueNow = () => {
		const now = document.store.getState()
		return now.state === "open" ? now.editing.value : undefined
	}
	/** Where the pool is now, not where it was when the fetch began. */
	const add = (fetched: FetchResult[], mark: PoolMark) => {
		document.settle()
		const index = findPool(valueNow(), mark)
		if (index < 0) return setLost(mark.name)
		const action = addFetched(valueNow(), index, fetched)
		if (action) document.act(action)
	}
	/** False where nothing came of it. */
	const fetch = async (request: FetchRequest) => {
		const { applianceId, files, isPlaced = false } = request
		const mark = pool === "none" || isPlaced ? undefined : markPool(valueNow(), Number(pool))
		setAsked(request)
		setResults([])
		setError(undefined)
		setLost(undefined)
		setStopped(false)
		try {
			const asked = { applianceId, folder: document.folder, files }
			const answer = await run((signal) => api.appliances.fetch(asked, { signal }))
			setStopped(!answer)
			if (!answer) return false
			setResults(answer.results)
			if (mark && answer.results.some(({ operation }) => operation)) add(answer.results, mark)
			return true
		} catch (problem) {
			setError(problem)
			return false
		}
	}
	const replace = async ({ path, result }: FetchResult) => {
		const replaces = result.state === "conflict" ? result.digest : undefined
		const file = asked?.files.find((one) => one.path === path)
		if (!asked || !file) return
		await fetch({ ...asked, files: [{ ...file, ...(replaces !== undefined && { replaces }) }] })
	}
	return { fetch, replace, stop, isFetching: isGoing, isStopped, asked, results, error, lost, pool, setPool }
}
