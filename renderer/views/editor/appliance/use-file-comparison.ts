import { useEffect, useState } from "react"
import type { FileComparison } from "../../../../core/schema/appliance-compare.ts"
import { useApp } from "../../../stores/context.ts"
import { useDocument } from "../context.ts"

interface Found {
	key: string
	found?: FileComparison
	error?: unknown
}

interface Request {
	target: string
	destination: string
	/** Its digest: what is shown is read anew when the source is another one. */
	ours?: { digest: string }
}

/** A destination on one appliance beside what we have; nothing without an appliance. */
export function useFileComparison(applianceId: string | undefined, { target, destination, ours }: Request) {
	const { api } = useApp()
	const { folder } = useDocument()
	const [now, setNow] = useState<Found>({ key: "" })
	const key = JSON.stringify([applianceId, target, destination, ours?.digest])
	useEffect(() => {
		if (applianceId === undefined) return
		const stop = new AbortController()
		api.appliances.compareFile({ folder, applianceId, target, destination }, { signal: stop.signal }).then(
			(found) => !stop.signal.aborted && setNow({ key, found }),
			(error) => !stop.signal.aborted && setNow({ key, error }),
		)
		return () => stop.abort()
	}, [api, folder, applianceId, target, destination, key])
	return now.key === key ? { found: now.found, error: now.error } : { found: undefined, error: undefined }
}
