import { useCallback, useEffect, useState } from "react"
import type { Versions } from "../../../../core/schema/library.ts"
import { useApp } from "../../../stores/context.ts"
import { useDocument, useEditing } from "../context.ts"

/** The versions, read anew whenever something on disk changes. */
export function useVersions() {
	const { api } = useApp()
	const { folder } = useDocument()
	const standing = useEditing(({ module }) => module.standing)
	const [versions, setVersions] = useState<Versions>()
	const [error, setError] = useState<unknown>()
	const read = useCallback(
		async (isStale: () => boolean) => {
			try {
				const found = await api.library.versions({ folder })
				if (isStale()) return
				setVersions(found)
				setError(undefined)
			} catch (problem) {
				if (!isStale()) setError(problem)
			}
		},
		[api, folder],
	)
	useEffect(() => {
		let stale = false
		if (standing) void read(() => stale)
		return () => {
			stale = true
		}
	}, [read, standing])
	return { versions, error, reload: () => void read(() => false) }
}
