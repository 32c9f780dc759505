import { notifications } from "@mantine/notifications"
import { problemOf } from "../../rpc/problem.ts"
import { goTo } from "../../stores/route.ts"
import type { WorkspaceActions } from "../../stores/workspace.ts"

interface Again {
	folder: string
	version: string
	/** The run was of a published version: that one is chosen, else the files as they are. */
	isOfVersion: boolean
	pools: string[]
	applianceId: string
}

/** Opens the module with these pools and this appliance chosen; nothing starts before it was looked at. */
export async function reviewAgain(workspace: WorkspaceActions, again: Again) {
	const { folder, version, isOfVersion, pools, applianceId } = again
	await workspace.open(folder)
	if (isOfVersion && workspace.store.getState().opened) await workspace.openVersion(version)
	const { opened, openError } = workspace.store.getState()
	if (openError !== undefined || !opened) {
		const { what, next } = problemOf(openError)
		notifications.show({ color: "red", title: what, message: next })
		return
	}
	const enabled = new Set(opened.module?.pools.filter((pool) => pool.enabled).map(({ id }) => id))
	workspace.choose({ pools: pools.filter((pool) => enabled.has(pool)), applianceIds: [applianceId] })
	tellDifferences(
		version,
		opened.module?.metadata.schema_version,
		pools.filter((pool) => !enabled.has(pool)),
	)
	goTo({ view: "run" })
}

function tellDifferences(version: string, now: string | undefined, gone: string[]): void {
	if (now !== undefined && now !== version)
		notifications.show({
			title: `The folder holds version ${now}`,
			message: `The run was of ${version}. The module's versions lead back to it.`,
		})
	if (gone.length > 0) notifications.show({ title: "Not in the module now, or disabled", message: gone.join(", ") })
}
