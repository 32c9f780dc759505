import { lstat, mkdir, realpath, stat } from "node:fs/promises"
import { dirname, join } from "node:path"
import { isInside } from "../../../folder/source-path.ts"
import { FailureError } from "../../../schema/failure.ts"
import { codeOf, isMissing } from "./disk-failure.ts"

/** How far the folders of a module's file are there. */
export interface Parents {
	/** Real path of the nearest folder that is there. */
	nearest: string
	/** Those below it that are not. */
	missing: string[]
	/** Real path of the folder that the file may not leave: `src/`, or the module for `index.json`. */
	allowed: string
}

/**
 * Goes down to the folder of a module's file (`src/...`) step by step. A link on the way must lead to a folder inside.
 * Makes nothing. `folder`: real path of the module. Fails with `source-refused`.
 */
export async function findParents(folder: string, name: string): Promise<Parents> {
	const parts = dirname(name) === "." ? [] : dirname(name).split("/")
	let nearest = folder
	let allowed = folder
	for (const [index, part] of parts.entries()) {
		const next = await findFolderAt(join(nearest, part), allowed, name)
		if (next === undefined) return { nearest, missing: parts.slice(index), allowed }
		nearest = next
		if (index === 0) allowed = next
	}
	return { nearest, missing: [], allowed }
}

/** Its real path; undefined where nothing is. */
async function findFolderAt(path: string, allowed: string, name: string): Promise<string | undefined> {
	const found = await lstat(path).catch(isMissing)
	if (!found) return undefined
	if (found.isDirectory() && isInside(path, allowed)) return path
	if (found.isDirectory()) throw refused(name, "outside")
	if (!found.isSymbolicLink()) throw refused(name, "in-the-way")
	const real = await realpath(path).catch((error) => {
		throw ["ENOENT", "ENOTDIR", "ELOOP"].includes(codeOf(error)) ? refused(name, "in-the-way") : error
	})
	if (!isInside(real, allowed)) throw refused(name, "outside")
	if (!(await stat(real)).isDirectory()) throw refused(name, "in-the-way")
	return real
}

/** Makes the folders of a module's file where they are missing; nothing is ever made outside. The file's folder by its real path. */
export async function makeParents(name: string, { nearest, missing, allowed }: Parents): Promise<string> {
	let at = nearest
	for (const part of missing) {
		at = join(at, part)
		if (!isInside(at, allowed)) throw refused(name, "outside")
		await mkdir(at).catch((error) => {
			if (codeOf(error) !== "EEXIST") throw error
		})
		// Somebody else may have put something there since.
		if (!(await lstat(at)).isDirectory()) throw refused(name, "in-the-way")
	}
	if ((await realpath(at)) !== at) throw refused(name, "outside")
	return at
}

function refused(path: string, reason: "outside" | "in-the-way"): FailureError {
	return new FailureError("source-refused", { path, reason })
}
