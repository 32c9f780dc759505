import { lstat, readFile, realpath } from "node:fs/promises"
import { dirname, join, relative, resolve, sep } from "node:path"
import { FailureError } from "../../../schema/failure.ts"
import { isMissing } from "../files/disk-failure.ts"
import { readIndex } from "./index-file.ts"
import { requireOwn, requirePlain } from "./own-repository.ts"

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
		const found = await openRepository(root)
		if (found) {
			const prefix = relative(root, module).split(sep).join("/")
			if (prefix !== "" && !(await isTracked(found, `${prefix}/index.json`))) return undefined
			await requireOwn(found)
			return { ...found, prefix }
		}
		if (dirname(root) === root) return undefined
	}
}

async function openRepository(root: string): Promise<Omit<Repository, "prefix"> | undefined> {
	const path = join(root, ".git")
	const found = await lstat(path).catch(isMissing)
	if (!found) return undefined
	const gitDir = found.isFile() ? await readPointer(path) : path
	await requirePlain(gitDir, "commondir")
	const commonDir = await readFile(join(gitDir, "commondir"), "utf8").catch(isMissing)
	return { root, gitDir, commonDir: commonDir === undefined ? gitDir : resolve(gitDir, commonDir.trim()) }
}

/** `.git` is a file in linked working trees and submodules. */
async function readPointer(path: string): Promise<string> {
	const to = /^gitdir: (.+)\n?$/.exec(await readFile(path, "utf8"))?.[1]
	const gitDir = to === undefined ? undefined : resolve(dirname(path), to)
	if (gitDir !== undefined && (await lstat(gitDir).catch(isMissing))?.isDirectory()) return gitDir
	throw new FailureError("repository-unusable", { path, reason: "lost-folder" })
}

async function isTracked({ gitDir }: { gitDir: string }, path: string): Promise<boolean> {
	return (await readIndex(gitDir)).entries.some((entry) => entry.path === path)
}

/** The path in the repository of a module's file (`index.json`, `src/...`). */
export function pathIn({ prefix }: Repository, path: string): string {
	return prefix === "" ? path : `${prefix}/${path}`
}
