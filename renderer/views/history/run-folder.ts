import type { DesktopRun, RecentModule } from "../../../core/schema/desktop.ts"

export interface RunFolder {
	/** Where the module itself is edited and published. */
	module?: string | undefined
	/** The run was of a published version, made for it in a folder that may be cleared away by now. */
	isOfVersion: boolean
}

/** The data folder's `versions/CONTENT/NAME`. */
const VERSION_FOLDER = /[\\/]versions[\\/][0-9a-f]{40}[\\/][^\\/]+[\\/]?$/

/** Where a run's module is: where it came from, else the one of that name that was opened last. */
export function folderOf({ module }: Pick<DesktopRun, "module">, recent: readonly RecentModule[]): RunFolder {
	const isOfVersion = module.folder !== undefined && VERSION_FOLDER.test(module.folder)
	if (module.folder !== undefined && !isOfVersion) return { module: module.folder, isOfVersion }
	return { module: recent.find(({ name }) => name === module.name)?.folder, isOfVersion }
}
