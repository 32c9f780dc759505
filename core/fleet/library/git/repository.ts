import { lstat, realpath } from "node:fs/promises"
import { dirname, join, relative, resolve, sep } from "node:path"
import { FailureError } from "../../../schema/failure.ts"
import { codeOf, isMissing } from "../files/disk-failure.ts"
import { readIndex } from "./index-file.ts"
import { isForeign, readPlain, requireOwn } from "./own-repository.ts"

/** Of a file that names a folder. */
const MAX_POINTER_BYTES = 64 * 1024

/** The git repository that keeps a module. */
export interface Repository {
	/** Top folder of the working files. */
	root: string
	/** Holds HEAD and index of this working tree. */
	gitDir: string
	/** Holds objects, branches and tags; another folder only for a linked working tree (git-worktree(1)). */
	commonDir: string
	/** Where the module lies below `root`, with `/`; empty: the repository is the module's own. */
	prefix: string
}

/**
 * The repository of a module folder. A larger one around it counts only where it tracks the module's `index.json` already:
 * nobody wants a module in the repository of their home folder by accident. Fails with `repository-unusable`.
 */
export async function findRepository(folder: string): Promise<Repository | undefined> {
	const module = await realpath(folder)
	for (let root = module; ; root = dirname(root)) {
		const isThere = await lstat(join(root, ".git")).catch(isMissing)
		const prefix = relative(root, module).split(sep).join("/")
		if (isThere) {
			const found = prefix === "" ? await openRepository(root) : await openTracking(root, `${prefix}/index.json`)
			if (found) await requireOwn(found)
			return found && { ...found, prefix }
		}
		if (dirname(root) === root) return undefined
	}
}

type Opened = Omit<Repository, "prefix">

/** Other accounts may put anything into a folder above: where that is no sound repository, it is none of the module's. */
async function openTracking(root: string, path: string): Promise<Opened | undefined> {
	try {
		const found = await openRepository(root)
		return (await isTracked(found, path)) ? found : undefined
	} catch (error) {
		const isAbout = error instanceof FailureError || codeOf(error) !== ""
		if (isAbout && (await isForeign(join(root, ".git"), root))) return undefined
		throw error
	}
}

async function openRepository(root: string): Promise<Opened> {
	const gitDir = (await lstat(join(root, ".git"))).isFile() ? await readPointer(root) : join(root, ".git")
	const commonDir = (await readPlain(gitDir, "commondir", MAX_POINTER_BYTES))?.toString().trim()
	return { root, gitDir, commonDir: commonDir === undefined ? gitDir : resolve(gitDir, commonDir) }
}

/** `.git` is a file in linked working trees and submodules. */
async function readPointer(root: string): Promise<string> {
	const text = await readPlain(root, ".git", MAX_POINTER_BYTES)
	const to = /^gitdir: (.+)\n?$/.exec(text?.toString() ?? "")?.[1]
	const gitDir = to === undefined ? undefined : resolve(root, to)
	if (gitDir !== undefined && (await lstat(gitDir).catch(isMissing))?.isDirectory()) return gitDir
	throw new FailureError("repository-unusable", { path: join(root, ".git"), reason: "lost-folder" })
}

async function isTracked({ gitDir }: { gitDir: string }, path: string): Promise<boolean> {
	return (await readIndex(gitDir)).entries.some((entry) => entry.path === path)
}

/** The path in the repository of a module's file (`index.json`, `src/...`). */
export function pathIn({ prefix }: Repository, path: string): string {
	return prefix === "" ? path : `${prefix}/${path}`
}
