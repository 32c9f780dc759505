import { readdir } from "node:fs/promises"
import { join, parse } from "node:path"
import { matchesPattern } from "../pattern.ts"
import { unreadable } from "./config-line.ts"
import type { Look } from "./kept-config.ts"

/**
 * The files that a path with `*` and `?` names, in the order of their names; a name without them need not exist. Files
 * that begin with a dot are named only by a pattern that does.
 */
export async function findFiles(
	pattern: string,
	{ limit, place, look }: { limit: number; place: { path: string; line: number }; look: Look },
): Promise<string[]> {
	const { root } = parse(pattern)
	let found = [root]
	for (const part of pattern.slice(root.length).split(/[/\\]/).filter(Boolean)) {
		if (!/[*?]/.test(part)) {
			found = found.map((folder) => join(folder, part))
			continue
		}
		found = (await Promise.all(found.map((folder) => listMatching(folder, part, look)))).flat()
		if (found.length > limit) throw unreadable(place, `Include names more than ${limit} files`)
	}
	return found
}

async function listMatching(folder: string, pattern: string, look: Look): Promise<string[]> {
	await look(folder)
	// As with ssh: a folder that is not there, or not ours to list, holds nothing that could be included.
	const names = await readdir(folder).catch(() => [])
	const isMeant = (name: string) => pattern.startsWith(".") || !name.startsWith(".")
	const matching = names.filter((name) => isMeant(name) && matchesPattern(pattern, name))
	return matching.sort().map((name) => join(folder, name))
}
