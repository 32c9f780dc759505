import type { Dirent } from "node:fs"
import { access, readdir } from "node:fs/promises"
import { dirname, join, resolve, sep } from "node:path"
import { FailureError } from "../../schema/failure.ts"
import type { Store } from "../store/store.ts"
import { readOpenModule } from "./module-folder.ts"
import type { StateBroadcast } from "./state-service.ts"
import type { Browsed, ModulesService } from "./types.ts"

/** Folders listed at once; nobody reads more. */
const BROWSE_LIMIT = 2000

/** Module folders of the engineer. `pickFolder` is the host's own dialog, where it has one. */
export function createModules(
	store: Store,
	state: StateBroadcast,
	options: { remembers: boolean; versionsFolder: string; pickFolder?: (() => Promise<string | undefined>) | undefined },
): ModulesService {
	const publish = () => state.publish({ type: "recent-modules-changed", recentModules: store.modules.list() })
	return {
		async open(given) {
			const module = await readOpenModule(resolve(given))
			// A version of a module is found with the module.
			if (!options.remembers || isBelow(module.folder, options.versionsFolder)) return module
			store.modules.remember({ folder: module.folder, name: module.name, openedAt: new Date().toISOString() })
			publish()
			return module
		},
		async pick() {
			const folder = await options.pickFolder?.()
			return folder === undefined ? {} : { folder }
		},
		browse: (folder) => browse(resolve(folder)),
		forget(folder) {
			store.modules.forget(folder)
			publish()
		},
	}
}

async function browse(folder: string): Promise<Browsed> {
	const parent = dirname(folder)
	const names = (await listFolder(folder))
		.filter((entry) => (entry.isDirectory() || entry.isSymbolicLink()) && !entry.name.startsWith("."))
		.map(({ name }) => name)
		.sort((a, b) => a.localeCompare(b))
		.slice(0, BROWSE_LIMIT)
	const entries = await Promise.all(
		names.map(async (name) => ({ name, path: join(folder, name), isModule: await isModule(join(folder, name)) })),
	)
	return { folder, ...(parent !== folder && { parent }), entries }
}

async function listFolder(folder: string): Promise<Dirent[]> {
	try {
		return await readdir(folder, { withFileTypes: true })
	} catch (error) {
		const code = error instanceof Error && "code" in error ? error.code : undefined
		const reason = code === "ENOENT" ? "missing" : code === "ENOTDIR" ? "not-a-folder" : "not-permitted"
		throw new FailureError("module-unreadable", { path: folder, reason }, { cause: error })
	}
}

function isBelow(folder: string, parent: string): boolean {
	return folder.startsWith(`${parent}${sep}`)
}

const isModule = (folder: string) =>
	access(join(folder, "index.json")).then(
		() => true,
		() => false,
	)
