import { readdir, rm, stat } from "node:fs/promises"
import { join } from "node:path"
import { isAbsent, systemFailure } from "./system-failure.ts"

/** Removes the files of a folder that nobody has touched for so long; silent where there is no such folder. */
export async function removeOld(folder: string, ageMs: number, now = Date.now()): Promise<void> {
	try {
		for (const name of await readdir(folder)) {
			const path = join(folder, name)
			if (now - (await stat(path)).mtimeMs > ageMs) await rm(path, { force: true })
		}
	} catch (error) {
		// Gone already, or never there: somebody else tidies up as well.
		if (!isAbsent(error)) throw systemFailure(error, folder)
	}
}
