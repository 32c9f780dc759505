import { useEffect, useState } from "react"
import { SearchField } from "../../components/search-field.tsx"
import { setFilters } from "./filters.ts"
import classes from "./history.module.css"

/** How long a person pauses before it is searched, milliseconds. */
const PAUSE_MS = 250

/** Searches what pools said: their commands' output, and why they failed. */
export function OutputSearch({ text }: { text: string | null }) {
	const [typed, setTyped] = useState(text ?? "")
	useEffect(() => setTyped(text ?? ""), [text])
	useEffect(() => {
		const wanted = typed.trim() === "" ? null : typed
		if (wanted === text) return
		const timer = setTimeout(() => setFilters({ text: wanted }), PAUSE_MS)
		return () => clearTimeout(timer)
	}, [typed, text])
	return <SearchField className={classes.filter} label="Search the output" value={typed} onSearch={setTyped} />
}
