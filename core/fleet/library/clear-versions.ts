import { readdir, rename, rm, stat } from "node:fs/promises"
import { join, sep } from "node:path"
import { isMissing } from "./files/disk-failure.ts"

/** A version that nobody opened for so many days is cleared away; whoever opens it has it made again. */
const KEPT_DAYS = 30
const DAY_MS = 86_400_000
/** Goes before the name of what is being removed, also by a program that was killed at it. */
const GONE = ".gone-"

/**
 * Clears away versions that were made for a run. `inUse`: module folders of runs that have not ended, of whichever program.
 * Another program that opened one lately keeps it by that. A reader never finds half of one.
 */
export async function clearVersions(versionsFolder: string, inUse: string[], now = Date.now()): Promise<void> {
	for (const name of (await readdir(versionsFolder).catch(isMissing)) ?? []) {
		const path = join(versionsFolder, name)
		if (name.startsWith(GONE)) await remove(path)
		else if (!inUse.some((folder) => folder.startsWith(path + sep)) && (await isOld(path, now))) {
			const gone = join(versionsFolder, GONE + name)
			// Another program may clear up at the same moment.
			await rename(path, gone).catch(isMissing)
			await remove(gone)
		}
	}
}

const remove = (path: string) => rm(path, { recursive: true, force: true })

async function isOld(path: string, now: number): Promise<boolean> {
	const found = await stat(path).catch(isMissing)
	return found !== undefined && now - found.mtimeMs > KEPT_DAYS * DAY_MS
}
