import { readdir, rm, stat } from "node:fs/promises"
import { join } from "node:path"
import { isAbsent, systemFailure } from "./system-failure.ts"

/**
 * Removes the files of a folder that nobody has touched for so long, of all or of those that `isMeant`; silent where there
 * is no such folder.
 */
export async function removeOld(
	folder: string,
	ageMs: number,
	now = Date.now(),
	isMeant: (name: string) => boolean = () => true,
): Promise<void> {
	try {
		for (const name of (await readdir(folder)).filter(isMeant)) {
			const path = join(folder, name)
			if (now - (await stat(path)).mtimeMs > ageMs) await rm(path, { force: true })
		}
	} catch (error) {
		// Gone already, or never there: somebody else tidies up as well.
		if (!isAbsent(error)) throw systemFailure(error, folder)
	}
}
