import { FailureError } from "../../../schema/failure.ts"

/** Files and folders of one version. */
const MAX_ENTRIES = 100_000
/** Folders within each other. */
const MAX_DEPTH = 100
/** Of all paths together, UTF-16 units. */
const MAX_PATHS = 16 * 1024 * 1024

/**
 * Counts the files and folders of one version by their paths: a few objects of a hostile repository can stand for any number
 * of them. Fails with `repository-unusable`.
 */
export function createTreeMeter(where: string): (path: string) => void {
	let entries = 0
	let length = 0
	return (path) => {
		entries += 1
		length += path.length
		if (entries > MAX_ENTRIES || length > MAX_PATHS || path.split("/", MAX_DEPTH + 2).length > MAX_DEPTH + 1)
			throw tooLarge(where)
	}
}

export function tooLarge(path: string): FailureError {
	return new FailureError("repository-unusable", { path, reason: "too-large" })
}
