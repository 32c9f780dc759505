import { readdir } from "node:fs/promises"
import { isAbsent, systemFailure } from "./system-failure.ts"

/** The names in a folder; none where there is no such folder. Any other error is a typed failure. */
export async function namesIn(folder: string): Promise<string[]> {
	try {
		return await readdir(folder)
	} catch (error) {
		if (isAbsent(error)) return []
		throw systemFailure(error, folder)
	}
}
