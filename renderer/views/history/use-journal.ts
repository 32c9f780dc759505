import { useEffect, useState } from "react"
import { parseEvents } from "../../../core/schema/event.ts"
import { useApp } from "../../stores/context.ts"
import { addFileEvent, type FileChange, type JournalRow, makeRow } from "./journal-events.ts"

/** Rows that are kept; a run that said more is said to have. */
const MOST_ROWS = 20_000

export interface Journal {
	state: "reading" | "read" | "failed"
	rows: JournalRow[]
	files: FileChange[]
	/** How many rows there are in all. */
	total: number
	error?: unknown
}

const nothing: Journal = { state: "reading", rows: [], files: [], total: 0 }

/** Everything a run said, read once; signs of life are left out. */
export function useJournal(id: string): Journal {
	const { api } = useApp()
	const [journal, setJournal] = useState(nothing)
	useEffect(() => {
		const stop = new AbortController()
		const read = async () => {
			const rows: JournalRow[] = []
			const files = new Map<string, FileChange>()
			let total = 0
			for await (const piece of await api.runs.follow({ id }, { signal: stop.signal })) {
				for (const event of parseEvents(piece)) {
					if (event.type === "heartbeat") continue
					total++
					addFileEvent(files, event)
					if (rows.length < MOST_ROWS) rows.push(makeRow(event))
				}
			}
			if (!stop.signal.aborted) setJournal({ state: "read", rows, files: [...files.values()], total })
		}
		read().catch((error) => {
			if (!stop.signal.aborted) setJournal({ ...nothing, state: "failed", error })
		})
		return () => stop.abort()
	}, [api, id])
	return journal
}
