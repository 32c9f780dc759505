import { useEffect, useState } from "react"
import type { FileComparison } from "../../../../core/schema/appliance-compare.ts"
import { useApp } from "../../../stores/context.ts"

interface Asked {
	folder: string
	applianceId: string
	target: string
	destination: string
}

/** A destination on one appliance beside our source, read when it is shown. */
export function useVariantDiff({ folder, applianceId, target, destination }: Asked) {
	const { api } = useApp()
	const [now, setNow] = useState<{ found?: FileComparison; error?: unknown }>({})
	useEffect(() => {
		const stop = new AbortController()
		setNow({})
		api.appliances.compareFile({ folder, applianceId, target, destination }, { signal: stop.signal }).then(
			(found) => !stop.signal.aborted && setNow({ found }),
			(error) => !stop.signal.aborted && setNow({ error }),
		)
		return () => stop.abort()
	}, [api, folder, applianceId, target, destination])
	return now
}
