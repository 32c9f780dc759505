import { appendFileSync, mkdirSync, renameSync, statSync } from "node:fs"
import { join } from "node:path"

/** Size at which the log is put aside as `.old`, bytes; there are never more than two. */
const LIMIT = 5_000_000

/**
 * The program's own log in the data folder, readable by its owner only. It is for whoever looks for a fault: a line that
 * cannot be written is lost, and the program goes on.
 */
export function createProgramLog(dataFolder: string): (line: string) => void {
	const file = join(dataFolder, "hotfix-manager.log")
	return (line) => {
		try {
			mkdirSync(dataFolder, { recursive: true, mode: 0o700 })
			if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > LIMIT) renameSync(file, `${file}.old`)
			appendFileSync(file, `${new Date().toISOString()} ${line}\n`, { mode: 0o600 })
		} catch {
			// There is nowhere left to say it.
		}
	}
}
