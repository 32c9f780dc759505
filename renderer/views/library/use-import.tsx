import { type ReactNode, useState } from "react"
import { useApp } from "../../stores/context.ts"
import { FolderBrowser } from "../run/folder-browser.tsx"

interface Import {
	/** The folder that was chosen. */
	folder: string | undefined
	/** Asks for it, where the host has no dialog of its own. */
	dialog: ReactNode
	error: unknown
	begin(): void
	end(): void
}

/** Choosing the folder that is to be imported. */
export function useImport(title = "Import a folder"): Import {
	const { api } = useApp()
	const [folder, setFolder] = useState<string>()
	const [start, setStart] = useState<string>()
	const [error, setError] = useState<unknown>()
	const ask = async () => {
		setError(undefined)
		try {
			const info = await api.app.info({})
			if (info.host === "browser") return setStart(info.home)
			const picked = await api.modules.pick({})
			setFolder(picked.folder)
		} catch (problem) {
			setError(problem)
		}
	}
	return {
		folder,
		error,
		dialog: start !== undefined && (
			<FolderBrowser title={title} start={start} onOpen={setFolder} onClose={() => setStart(undefined)} />
		),
		begin: () => void ask(),
		end: () => setFolder(undefined),
	}
}
