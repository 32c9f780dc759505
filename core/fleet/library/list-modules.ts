import { readdir, stat } from "node:fs/promises"
import { dirname, join } from "node:path"
import { moduleName } from "../../folder/module-name.ts"
import { readIndexFile } from "../../folder/read-index-file.ts"
import { FailureError } from "../../schema/failure.ts"
import { nodeAt, parseJsonText } from "../../schema/json-text.ts"
import type { LibraryModule } from "../../schema/library.ts"
import { diskFailure, isMissing, onDisk } from "./files/disk-failure.ts"
import { findPlace, type LibraryDeps } from "./module-place.ts"
import { versionIn } from "./propose.ts"
import { readVersions } from "./published-versions.ts"
import { compareWorking } from "./standing.ts"

/** Modules that are looked at; nobody scrolls further. */
const MAX_MODULES = 2000
/** Modules looked at at once: enough to keep the disk busy. */
const AT_ONCE = 16

export interface ListedFolders {
	/** Where there is an index.json, or was one. */
	modules: ListedFolder[]
	/** Folders of the library without one; it may come. */
	others: string[]
}

export interface ListedFolder extends Pick<LibraryModule, "isOwn" | "isArchived"> {
	folder: string
}

export type ReadRow = (listed: ListedFolder) => Promise<LibraryModule>

/** Every module of the library's folder and those opened from elsewhere, by name. */
export async function listModules(deps: LibraryDeps, libraryFolder: string): Promise<LibraryModule[]> {
	const { modules } = await listFolders(deps, libraryFolder)
	return sortRows(await readEach(modules, (listed) => readRow(deps, listed)))
}

/** Reads something of each folder, many at once; in any order. */
export async function readEach<T>(listed: ListedFolder[], read: (one: ListedFolder) => Promise<T>): Promise<T[]> {
	const all: T[] = []
	const queue = listed.values()
	const readRest = async () => {
		for (const one of queue) all.push(await read(one))
	}
	await Promise.all(Array.from({ length: AT_ONCE }, readRest))
	return all
}

export function sortRows(rows: LibraryModule[]): LibraryModule[] {
	return rows.sort((a, b) => a.name.localeCompare(b.name) || (a.folder < b.folder ? -1 : 1))
}

/** Which folders the list is made of; reads none of them. A library that is gone has no folders of its own. */
export async function listFolders(deps: LibraryDeps, libraryFolder: string): Promise<ListedFolders> {
	const remembered = deps.store.folders()
	const archived = new Set(remembered.filter(({ isArchived }) => isArchived).map(({ folder }) => folder))
	const { own, others } = await onDisk(libraryFolder, () => listOwn(libraryFolder))
	const elsewhere = remembered.map(({ folder }) => folder).filter((folder) => dirname(folder) !== libraryFolder)
	const modules = [...new Set([...own, ...elsewhere])].slice(0, MAX_MODULES)
	return {
		modules: modules.map((folder) => ({
			folder,
			isOwn: dirname(folder) === libraryFolder,
			isArchived: archived.has(folder),
		})),
		others,
	}
}

async function listOwn(libraryFolder: string): Promise<{ own: string[]; others: string[] }> {
	const entries = (await readdir(libraryFolder, { withFileTypes: true }).catch(isMissing)) ?? []
	const names = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith(".")).map(({ name }) => name)
	const folders = await Promise.all(
		names.map(async (name) => {
			const folder = join(libraryFolder, name)
			return { folder, isModule: (await stat(join(folder, "index.json")).catch(isMissing)) !== undefined }
		}),
	)
	const { own = [], others = [] } = Object.groupBy(folders, ({ isModule }) => (isModule ? "own" : "others"))
	return { own: own.map(({ folder }) => folder), others: others.map(({ folder }) => folder).slice(0, MAX_MODULES) }
}

/** One row; what cannot be read is a row with a problem. */
export async function readRow(deps: LibraryDeps, listed: ListedFolder): Promise<LibraryModule> {
	const { folder } = listed
	const row: LibraryModule = {
		...listed,
		name: moduleName(folder),
		working: { state: "never-published" },
		faults: 0,
		warnings: 0,
	}
	try {
		const { text, findings } = await readIndexFile(folder, { advice: false })
		const found = await stat(join(folder, "index.json")).catch(isMissing)
		if (found) row.changedAt = found.mtime.toISOString()
		const version = versionIn(text)
		const description = nodeAt(parseJsonText(text).root, ["metadata", "description"])?.value
		row.faults = findings.filter(({ severity }) => severity === "fault").length
		row.warnings = findings.length - row.faults
		if (version !== undefined) row.version = version
		if (typeof description === "string") row.description = description.slice(0, 1000)
		await addStanding(deps, row)
	} catch (error) {
		// It may go while it is read.
		const known = diskFailure(error, folder)
		if (!(known instanceof FailureError)) throw error
		row.problem = known.failure
	}
	return row
}

async function addStanding(deps: LibraryDeps, row: LibraryModule): Promise<void> {
	const place = await findPlace(row.folder)
	const { repository, objects } = place
	if (!repository || !objects) return
	const { versions, problems } = await readVersions({ ...place, repository, objects, store: deps.store })
	const { state, problem } = await compareWorking(deps, place.folder, versions)
	const [highest] = versions
	row.working = state
	if (highest) row.published = { version: highest.version, date: highest.date }
	const said = problem ?? problems[0]
	if (said) row.problem = said
}
