import { useState } from "react"
import { useApp } from "../../stores/context.ts"
import { useKeys } from "../shell/shortcuts.tsx"

export interface OpenDialog {
	/** Whether the page's own folder browser is open; Electron shows the system's dialog instead. */
	browsing: boolean
	home: string
	error: unknown
	open(): void
	close(): void
}

export function useOpenDialog(): OpenDialog {
	const { api, workspace } = useApp()
	const [browsing, setBrowsing] = useState(false)
	const [home, setHome] = useState("/")
	const [error, setError] = useState<unknown>()

	const ask = async () => {
		setError(undefined)
		try {
			const info = await api.app.info({})
			if (info.host === "electron") {
				const { folder } = await api.modules.pick({})
				if (folder !== undefined) await workspace.open(folder)
				return
			}
			setHome(workspace.store.getState().folder ?? info.home)
			setBrowsing(true)
		} catch (problem) {
			setError(problem)
		}
	}
	const open = () => void ask()
	useKeys({ o: open })
	return { browsing, home, error, open, close: () => setBrowsing(false) }
}
