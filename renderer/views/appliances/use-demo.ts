import { notifications } from "@mantine/notifications"
import { useState } from "react"
import { useApp } from "../../stores/context.ts"

/** Adds the demo's appliances and opens its module beside them. */
export function useDemo(): { adding: boolean; error: unknown; add(): Promise<void> } {
	const { api, workspace } = useApp()
	const [adding, setAdding] = useState(false)
	const [error, setError] = useState<unknown>()
	const add = async () => {
		setAdding(true)
		setError(undefined)
		try {
			const { appliances, folder } = await api.appliances.addDemo({})
			await workspace.open(folder)
			workspace.choose({ applianceIds: appliances.map((one) => one.id) })
			notifications.show({
				color: "teal",
				title: "The demo is ready",
				message: "Its module is open in Run, with its appliances chosen.",
			})
		} catch (problem) {
			setError(problem)
		}
		setAdding(false)
	}
	return { adding, error, add }
}
