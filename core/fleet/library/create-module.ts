import { randomBytes } from "node:crypto"
import { cp, lstat, mkdir, rename, rm, writeFile } from "node:fs/promises"
import { basename, join } from "node:path"
import { moduleName } from "../../folder/module-name.ts"
import { readIndexFile } from "../../folder/read-index-file.ts"
import { FailureError } from "../../schema/failure.ts"
import { requireGoing } from "../services/waiting.ts"
import { copyHistory } from "./copy-history.ts"
import { syncFolder } from "./files/atomic-file.ts"
import { isMissing, onDisk } from "./files/disk-failure.ts"
import { readLegacyModule, writeModule } from "./import-legacy.ts"
import { makeLegacyLook } from "./legacy-look.ts"
import { findFolder, type LibraryDeps } from "./module-place.ts"
import { createRepository } from "./publish.ts"
import { ATTRIBUTES, makeTemplate } from "./template.ts"

/** A module that another one is made from; `signal` ends that. */
interface Given {
	folder: string
	name?: string | undefined
	signal?: AbortSignal | undefined
}

/** A new module from the template, in a repository of its own. Fails with `name-taken` or `bad-request`. */
export function createModule(
	deps: LibraryDeps,
	parent: string,
	{ name, description = "" }: { name: string; description?: string | undefined },
): Promise<string> {
	return fill(deps, parent, { name }, async (folder) => {
		const { index, sources } = makeTemplate(name, description)
		await mkdir(join(folder, "src"))
		await writeFile(join(folder, "index.json"), index)
		for (const [path, text] of sources) await writeFile(join(folder, path), text)
		await beginRepository(folder)
	})
}

/** A copy of a module as it stands, without its history: another module from now on. */
export function duplicateModule(deps: LibraryDeps, parent: string, request: Given & { name: string }): Promise<string> {
	return fill(deps, parent, request, async (folder) => {
		const from = await findFolder(request.folder)
		await readIndexFile(from, { advice: false })
		await copyFiles(from, folder, request.signal)
		await beginRepository(folder)
	})
}

/** A copy of a module folder from elsewhere, with its history where that is in the folder itself. */
export function importModule(deps: LibraryDeps, parent: string, given: Given): Promise<string> {
	const { name = moduleName(given.folder), signal } = given
	return fill(deps, parent, { name, signal }, async (folder) => {
		const from = await findFolder(given.folder)
		await readIndexFile(from, { advice: false })
		const hasHistory = (await lstat(join(from, ".git")).catch(isMissing))?.isDirectory() ?? false
		await copyFiles(from, folder, signal)
		if (hasHistory) await copyHistory(join(from, ".git"), join(folder, ".git"), signal)
		else await beginRepository(folder)
	})
}

/** A legacy module as one of pools, as somebody looked at it (`base`). */
export function importLegacyModule(
	deps: LibraryDeps,
	parent: string,
	{ base, ...given }: Given & { name: string; base: string },
): Promise<string> {
	return fill(deps, parent, given, async (folder) => {
		const legacy = await readLegacyModule(given.folder)
		const look = makeLegacyLook(legacy)
		if (look.base !== base) throw new FailureError("changed-meanwhile", { path: legacy.folder })
		const faults = [...look.findings, ...(look.conversion?.findings ?? [])].filter(
			({ severity }) => severity === "fault",
		)
		if (!legacy.conversion || faults.length > 0)
			throw new FailureError("module-faulty", { path: legacy.folder, faults: faults.length }, { findings: faults })
		await writeModule(legacy, legacy.conversion, folder, given.signal)
		await beginRepository(folder)
	})
}

/** Whole or not at all: filled under another name, then renamed. Stopped before that, nothing of it stays. */
async function fill(
	deps: LibraryDeps,
	parent: string,
	{ name, signal }: { name: string; signal?: AbortSignal | undefined },
	work: (folder: string) => Promise<void>,
): Promise<string> {
	// Only then is the folder's name the one that appliances remember the module under.
	if (moduleName(join(parent, name)) !== name || name.includes(".."))
		throw new FailureError("bad-request", {
			reason: `${JSON.stringify(name.slice(0, 200))} cannot name a module: letters, digits, dots, dashes and underscores can`,
		})
	const folder = join(parent, name)
	return deps.turns(folder, () =>
		onDisk(folder, async () => {
			await mkdir(parent, { recursive: true, mode: 0o700 })
			await requireFree(folder)
			const temporary = join(parent, `.hotfix-${randomBytes(8).toString("hex")}`)
			try {
				await mkdir(temporary)
				await work(temporary)
				await requireFree(folder)
				requireGoing(signal, "the copy")
				await rename(temporary, folder)
			} finally {
				await rm(temporary, { recursive: true, force: true })
			}
			await syncFolder(parent)
			const real = await findFolder(folder)
			deps.store.forgetPublished(real)
			return real
		}),
	)
}

async function requireFree(folder: string): Promise<void> {
	if (await lstat(folder).catch(isMissing)) throw new FailureError("name-taken", { path: folder })
}

async function beginRepository(folder: string): Promise<void> {
	await createRepository(folder)
	const path = join(folder, ".gitattributes")
	if (!(await lstat(path).catch(isMissing))) await writeFile(path, ATTRIBUTES)
}

/** Links stay links; pipes, sockets, devices and repositories are left out. */
async function copyFiles(from: string, to: string, signal: AbortSignal | undefined): Promise<void> {
	await cp(from, to, {
		recursive: true,
		verbatimSymlinks: true,
		async filter(path) {
			requireGoing(signal, "the copy")
			if (basename(path).toLowerCase() === ".git") return false
			const found = await lstat(path)
			return found.isDirectory() || found.isFile() || found.isSymbolicLink()
		},
	})
}
