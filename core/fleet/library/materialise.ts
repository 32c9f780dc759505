import { randomBytes } from "node:crypto"
import { lstat, mkdir, rename, rm, utimes } from "node:fs/promises"
import { join, resolve } from "node:path"
import { readModuleFolder } from "../../folder/read-module-folder.ts"
import { FailureError } from "../../schema/failure.ts"
import { replaceFiles } from "./checkout.ts"
import { contentIdOf, readContent } from "./content.ts"
import { isMissing } from "./files/disk-failure.ts"
import { findPlace, type LibraryDeps, requireRepository } from "./module-place.ts"
import { findVersion } from "./named-side.ts"
import { filesOf } from "./published-versions.ts"
import { restoreSignatures } from "./signature.ts"

/** Where versions lie that were opened for a run; they can be made again at any time. */
export function makeVersionsFolder(dataFolder: string): string {
	return join(resolve(dataFolder), "versions")
}

/**
 * A version as a module folder of its own below `versionsFolder`, with the module's name: the working files stay as they
 * are. What lies there already is used only where it is that content, byte for byte. Fails with `version-unknown`, and with
 * `tag-changed` where it is not what was published under this name.
 */
export async function materialise(
	deps: LibraryDeps,
	versionsFolder: string,
	{ folder, version }: { folder: string; version: string },
): Promise<string> {
	const place = requireRepository(await findPlace(folder), version)
	const { commit, known } = await findVersion(deps, place, version)
	const files = await filesOf(place, commit)
	if (!files.has("index.json")) throw new FailureError("version-unknown", { module: place.name, version })
	const id = contentIdOf(files)
	const parent = join(versionsFolder, id)
	const target = join(parent, place.name)
	return deps.turns(target, async () => {
		if (!(await isContent(target, id))) {
			const staging = join(parent, `.new-${randomBytes(8).toString("hex")}`)
			await mkdir(staging, { recursive: true, mode: 0o700 })
			try {
				await replaceFiles({ ...place, folder: staging }, { id: "", files: new Map() }, files)
				await rm(target, { recursive: true, force: true })
				await rename(staging, target)
			} finally {
				await rm(staging, { recursive: true, force: true })
			}
		}
		await restoreSignatures({ ...place, folder: target }, commit)
		const { manifest } = await readModuleFolder(target, { advice: false })
		const isRecorded = (known?.content ?? id) === id && (known?.digest ?? manifest?.digest) === manifest?.digest
		const isPublished = isRecorded && (await isContent(target, id))
		await noteUse(parent)
		if (!isPublished)
			throw new FailureError("tag-changed", { id: known?.tag ?? version, version, reason: "unreadable" })
		return target
	})
}

/** What was used lately is not cleared away, see `clear-versions.ts`. */
async function noteUse(parent: string): Promise<void> {
	const now = new Date()
	await utimes(parent, now, now)
}

async function isContent(folder: string, id: string): Promise<boolean> {
	if (!(await lstat(folder).catch(isMissing))) return false
	return (await readContent(folder)).id === id
}
