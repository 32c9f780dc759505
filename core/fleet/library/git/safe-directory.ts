import { realpath } from "node:fs/promises"
import { dirname, isAbsolute, join } from "node:path"
import { isInside } from "../../../folder/source-path.ts"
import { codeOf } from "../files/disk-failure.ts"
import { homeOf, personalConfigFiles, readGitSettings } from "./git-config.ts"

/**
 * Whether the person told git that a folder of another account may be trusted (`safe.directory`, git-config(1)). Only their own
 * settings are asked, never a repository's. `root`: the real path of the working files.
 */
export async function isSafeDirectory(root: string, env = process.env): Promise<boolean> {
	const settings = (await Promise.all(personalConfigFiles(env).map(readGitSettings))).flat()
	const values = settings.filter(([key]) => key === "safe.directory").map(([, value]) => value)
	// An empty one takes back all before it; one without a value, which reads as `true`, does too.
	const counting = values.slice(values.findLastIndex((value) => value === "" || value === "true") + 1)
	const covering = await Promise.all(counting.map((value) => covers(value, root, homeOf(env))))
	return covering.includes(true)
}

/** A folder, everything below one (`folder/*`), or all (`*`). */
async function covers(value: string, root: string, home: string): Promise<boolean> {
	if (value === "*") return true
	const path = value.startsWith("~/") ? join(home, value.slice(2)) : value
	if (!isAbsolute(path)) return false
	const isBelow = path.endsWith("/*")
	const real = await realpath(isBelow ? dirname(path) : path).catch((error) => {
		if (codeOf(error) !== "") return undefined
		throw error
	})
	if (real === undefined) return false
	return isBelow ? isInside(root, real) && root !== real : root === real
}
