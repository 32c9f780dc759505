import { useEffect, useRef, useState } from "react"
import type { OutputLog } from "../stores/output-log.ts"
import { makeSearch, type OutputSearch, searchOn } from "../stores/output-search.ts"

/** How long is searched before the page may do something else, milliseconds. */
const SLICE_MS = 10

/** What a text is found in; a large log is searched in slices, and goes on being searched as it grows. */
export function useOutputSearch(log: OutputLog, wanted: string): { search: OutputSearch; isSearching: boolean } {
	const now = useRef(makeSearch(""))
	const [state, setState] = useState({ search: now.current, isSearching: false })
	useEffect(() => {
		let timer: ReturnType<typeof setTimeout> | undefined
		const slice = () => {
			const until = performance.now() + SLICE_MS
			const { search, done } = searchOn(now.current, log, () => performance.now() > until)
			now.current = search
			setState({ search, isSearching: !done })
			if (!done) timer = setTimeout(slice)
		}
		if (now.current.wanted !== wanted.toLowerCase()) {
			now.current = makeSearch(wanted)
			setState({ search: now.current, isSearching: wanted !== "" })
		}
		if (wanted !== "") timer = setTimeout(slice)
		return () => clearTimeout(timer)
	}, [log, wanted])
	return state
}
