import type { Dirent } from "node:fs"
import { access, readdir } from "node:fs/promises"
import { dirname, join, resolve } from "node:path"
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
	options: { remembers: boolean; pickFolder?: (() => Promise<string | undefined>) | undefined },
): ModulesService {
	const publish = () => state.publish({ type: "recent-modules-changed", recentModules: store.modules.list() })
	return {
		async open(given) {
			const module = await readOpenModule(resolve(given))
			if (!options.remembers) return module
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

const isModule = (folder: string) =>
	access(join(folder, "index.json")).then(
		() => true,
		() => false,
	)
