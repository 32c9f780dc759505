import { readdir, stat } from "node:fs/promises"
import { dirname, join } from "node:path"
import { moduleName } from "../../folder/module-name.ts"
import { readIndexFile } from "../../folder/read-index-file.ts"
import { FailureError } from "../../schema/failure.ts"
import { nodeAt, parseJsonText } from "../../schema/json-text.ts"
import type { LibraryModule } from "../../schema/library.ts"
import { isMissing, onDisk } from "./files/disk-failure.ts"
import { findPlace, type LibraryDeps } from "./module-place.ts"
import { versionIn } from "./propose.ts"
import { readVersions } from "./published-versions.ts"
import { compareWorking } from "./standing.ts"

/** Modules that are looked at; nobody scrolls further. */
const MAX_MODULES = 2000
/** Modules looked at at once: enough to keep the disk busy. */
const AT_ONCE = 16

/** Every module of the library's folder and those opened from elsewhere, by name. */
export async function listModules(deps: LibraryDeps, libraryFolder: string): Promise<LibraryModule[]> {
	const remembered = deps.store.folders()
	const archived = new Set(remembered.filter(({ isArchived }) => isArchived).map(({ folder }) => folder))
	const own = await onDisk(libraryFolder, () => listFolders(libraryFolder))
	const elsewhere = remembered.map(({ folder }) => folder).filter((folder) => dirname(folder) !== libraryFolder)
	const folders = [...new Set([...own, ...elsewhere])].slice(0, MAX_MODULES)
	const modules: LibraryModule[] = []
	const queue = folders.values()
	const readRest = async () => {
		for (const folder of queue)
			modules.push(
				await readRow(deps, folder, {
					isOwn: dirname(folder) === libraryFolder,
					isArchived: archived.has(folder),
				}),
			)
	}
	await Promise.all(Array.from({ length: AT_ONCE }, readRest))
	return modules.sort((a, b) => a.name.localeCompare(b.name) || (a.folder < b.folder ? -1 : 1))
}

async function listFolders(libraryFolder: string): Promise<string[]> {
	const entries = (await readdir(libraryFolder, { withFileTypes: true }).catch(isMissing)) ?? []
	const folders = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith("."))
	const found = await Promise.all(
		folders.map(async ({ name }) => {
			const folder = join(libraryFolder, name)
			return (await stat(join(folder, "index.json")).catch(isMissing)) ? folder : undefined
		}),
	)
	return found.filter((folder) => folder !== undefined)
}

/** One row; what cannot be read is a row with a problem. */
export async function readRow(
	deps: LibraryDeps,
	folder: string,
	shown: Pick<LibraryModule, "isOwn" | "isArchived">,
): Promise<LibraryModule> {
	const row: LibraryModule = {
		...shown,
		folder,
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
		if (!(error instanceof FailureError)) throw error
		row.problem = error.failure
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
