import { notifications } from "@mantine/notifications"
import { useState } from "react"
import { useStoppable } from "../../components/use-stoppable.ts"
import { useApp } from "../../stores/context.ts"

/** Adds the demo's appliances and opens its module beside them; `add` resolves to whether it did. */
export function useDemo(): { adding: boolean; error: unknown; add(): Promise<boolean>; stop(): void } {
	const { api, workspace } = useApp()
	const { isGoing, run, stop } = useStoppable()
	const [error, setError] = useState<unknown>()
	const add = async () => {
		setError(undefined)
		try {
			const added = await run((signal) => api.appliances.addDemo({}, { signal }))
			if (!added) return false
			const { appliances, folder } = added
			await workspace.open(folder)
			workspace.choose({ applianceIds: appliances.map((one) => one.id) })
			notifications.show({
				color: "teal",
				title: "The demo is ready",
				message: "Its module is open in Run, with its appliances chosen.",
			})
			return true
		} catch (problem) {
			setError(problem)
			return false
		}
	}
	return { adding: isGoing, error, add, stop }
}
