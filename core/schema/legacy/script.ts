import type { Operation } from "../module.ts"
import { plainWord } from "./plain-word.ts"

/**
 * Where the scripts that the legacy program ran are put, each in a folder of its own: a pool brings files and runs
 * commands, so a script is a file that it brings and then runs.
 */
export const SCRIPT_FOLDER = "/usr/local/lib/hotfix"

export interface Script {
	operation: Operation
	command: string
}

/** `condition`: a shell test that must hold too, for example `[ ! -e /etc/x ]`. `workingFolder`: else the script's own. */
export function makeScript(id: string, source: string, more: { condition?: string; workingFolder?: string }): Script {
	const folder = `${SCRIPT_FOLDER}/${id}`
	const destination = `${folder}/${source.split("/").at(-1)}`
	const word = plainWord(destination)
	// After a restore the script is gone and the closure runs again: then there is nothing to run, and no failure.
	const test = [`[ -e ${word} ]`, ...(more.condition ? [more.condition] : [])].join(" && ")
	return {
		operation: { target: source, destination, permissions: { mode: "0755" } },
		command: `if ${test}; then (cd ${plainWord(more.workingFolder ?? folder)} && ${word}); fi`,
	}
}
