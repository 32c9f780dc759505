import { useEffect, useState } from "react"
import type { OpenModule } from "../../../../core/schema/desktop.ts"
import { useApp, useDesktop } from "../../../stores/context.ts"

/** The module in a folder as it is now; read again by `retry`. */
export function useOpened(folder: string | undefined): { opened?: OpenModule; error?: unknown; retry(): void } {
	const { api } = useApp()
	const [read, setRead] = useState<{ opened?: OpenModule; error?: unknown }>({})
	const [round, setRound] = useState(0)
	const isConnected = useDesktop((desktop) => desktop.connection === "connected")
	// biome-ignore lint/correctness/useExhaustiveDependencies: `round` asks again
	useEffect(() => {
		if (folder === undefined || !isConnected) return
		let isStale = false
		setRead({})
		api.modules
			.open({ folder })
			.then((opened) => !isStale && setRead({ opened }))
			.catch((error) => !isStale && setRead({ error }))
		return () => {
			isStale = true
		}
	}, [api, folder, isConnected, round])
	return { ...read, retry: () => setRound(round + 1) }
}
