import { createHash } from "node:crypto"
import type { Dirent, Stats } from "node:fs"
import { lstat, readdir, readlink, realpath, stat } from "node:fs/promises"
import { join } from "node:path"
import type { SourceProblem } from "../schema/source-findings.ts"
import { reasonOf } from "./file-error.ts"
import { isInside, realSourceFolder } from "./source-path.ts"

/** A file below `src/`, not yet read. */
export interface FoundSource {
	/** Normal path below `src/`, with `/` on every system. */
	target: string
	/** Real absolute path: links inside `src/` are resolved. */
	path: string
	/** Permission bits. */
	mode: number
}

/** A link below `src/` that leads to no source. */
export interface StrayLink extends Omit<SourceProblem, "isRefused"> {
	/** Of where it leads, as it is written in the link. */
	digest: string
}

export interface Walk {
	found: FoundSource[]
	links: StrayLink[]
	problems: SourceProblem[]
}

/** Every file below a module's `src/`, by target; no `src/` is the same as an empty one. Follows no folder link. */
export async function walkSources(folder: string): Promise<Walk> {
	const walk: Walk = { found: [], links: [], problems: [] }
	const source = await findSourceFolder(folder, walk)
	const open = source === undefined ? [] : [""]
	for (let at = open.pop(); at !== undefined && source !== undefined; at = open.pop()) {
		for (const entry of await readFolder(source, at, walk)) {
			const target = at === "" ? entry.name : `${at}/${entry.name}`
			if (entry.isDirectory()) open.push(target)
			else await addEntry(source, target, walk)
		}
	}
	walk.found.sort((a, b) => (a.target < b.target ? -1 : 1))
	return walk
}

async function findSourceFolder(folder: string, walk: Walk): Promise<string | undefined> {
	try {
		return await realSourceFolder(folder)
	} catch (error) {
		const isThere = await lstat(join(folder, "src")).then(
			() => true,
			() => false,
		)
		if (isThere) walk.problems.push({ target: "", ...refusals.sourceFolder })
		else if (reasonOf(error) !== "missing") throw error
		return undefined
	}
}

/** A name that is no UTF-8 comes with U+FFFD in it: it cannot be written in `index.json`, nor opened by that text. */
async function readFolder(source: string, at: string, walk: Walk): Promise<Dirent[]> {
	try {
		const entries = await readdir(join(source, at), { withFileTypes: true })
		const broken = entries.filter((entry) => entry.name.includes("\ufffd"))
		for (const entry of broken) walk.problems.push({ target: join(at, entry.name), ...refusals.name })
		return entries.filter((entry) => !broken.includes(entry))
	} catch (error) {
		walk.problems.push({ target: at, ...unreadableSource(error) })
		return []
	}
}

async function addEntry(source: string, target: string, walk: Walk): Promise<void> {
	const path = join(source, target)
	let isLink = false
	const refuse = async ({ isRefused, ...refusal }: Omit<SourceProblem, "target">) => {
		walk.problems.push({ target, isRefused, ...refusal })
		if (isLink) walk.links.push({ target, ...refusal, digest: await digestOfLink(path) })
	}
	try {
		isLink = (await lstat(path)).isSymbolicLink()
		const real = isLink ? await realpath(path) : path
		if (!isInside(real, source)) return await refuse(refusals.leaves)
		const found = await stat(real)
		if (found.isDirectory()) await refuse(refusals.folderLink)
		else if (!found.isFile()) await refuse(refusals.special)
		else walk.found.push({ target, path: real, mode: modeOf(found) })
	} catch (error) {
		await refuse(reasonOf(error) === "missing" ? refusals.broken : unreadableSource(error))
	}
}

/** One that is gone meanwhile leads nowhere. */
async function digestOfLink(path: string): Promise<string> {
	const to = await readlink(path, { encoding: "buffer" }).catch(() => "")
	return createHash("sha256").update(to).digest("hex")
}

/** Windows knows no permission bits and reports "everybody may write". */
function modeOf(found: Stats): number {
	return process.platform === "win32" ? 0o644 : found.mode & 0o7777
}

/** A source that is there but cannot be read. */
export function unreadableSource(error: unknown): Omit<SourceProblem, "target"> {
	return {
		rule: "source-unreadable",
		message: `it cannot be read (${reasonOf(error)})`,
		remedy: "give yourself the right to read it",
		isRefused: false,
	}
}

const refusals = {
	sourceFolder: {
		rule: "source-folder-refused",
		message: "src is no folder of this module",
		remedy: "make src a folder beside index.json, not a link to elsewhere",
		isRefused: true,
	},
	leaves: {
		rule: "link-leaves-source",
		message: "it is a link that leaves src/",
		remedy: "put a copy of the file there instead of the link",
		isRefused: true,
	},
	special: {
		rule: "source-special",
		message: "it is no regular file",
		remedy: "put a regular file there",
		isRefused: true,
	},
	folderLink: {
		rule: "link-to-folder",
		message: "it is a link to a folder, which is not followed",
		remedy: "name the files by the path where they really are",
		isRefused: false,
	},
	broken: {
		rule: "link-broken",
		message: "it is a link to nothing",
		remedy: "put a copy of the file there instead of the link",
		isRefused: false,
	},
	name: {
		rule: "name-not-utf-8",
		message: "its name is no UTF-8 text",
		remedy: "rename the file",
		isRefused: false,
	},
} as const
