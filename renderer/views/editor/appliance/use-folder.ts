import { useEffect, useState } from "react"
import type { FolderPage } from "../../../../core/schema/appliance-files.ts"
import { useApp } from "../../../stores/context.ts"

interface Found {
	key: string
	page?: FolderPage
	error?: unknown
}

/** A folder of an appliance; `more` adds its next page, `again` reads it anew. */
export function useFolder(applianceId: string | undefined, path: string, search: string) {
	const { api } = useApp()
	const [found, setFound] = useState<Found>({ key: "" })
	const [turn, setTurn] = useState(0)
	const key = JSON.stringify([applianceId, path, search, turn])

	useEffect(() => {
		if (applianceId === undefined) return
		const stop = new AbortController()
		api.appliances.listFolder({ applianceId, path, search }, { signal: stop.signal }).then(
			(page) => !stop.signal.aborted && setFound({ key, page }),
			(error) => !stop.signal.aborted && setFound({ key, error }),
		)
		return () => stop.abort()
	}, [api, applianceId, path, search, key])

	const more = async () => {
		const { page } = found
		if (applianceId === undefined || !page) return
		const after = page.entries.at(-1)?.name
		try {
			const next = await api.appliances.listFolder({ applianceId, path, search, ...(after !== undefined && { after }) })
			setFound((now) =>
				now.key === key ? { key, page: { ...next, entries: [...page.entries, ...next.entries] } } : now,
			)
		} catch (error) {
			setFound((now) => (now.key === key ? { ...now, error } : now))
		}
	}
	const isReading = found.key !== key
	return {
		page: isReading ? undefined : found.page,
		error: isReading ? undefined : found.error,
		isReading,
		more,
		again: () => setTurn(turn + 1),
	}
}
