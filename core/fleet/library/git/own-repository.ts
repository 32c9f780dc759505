import type { Stats } from "node:fs"
import { lstat, readdir, readFile, realpath } from "node:fs/promises"
import { basename, dirname, join, resolve } from "node:path"
import { readAtMost } from "../../../folder/read-at-most.ts"
import { openRegular } from "../../../folder/source-path.ts"
import { FailureError } from "../../../schema/failure.ts"
import { isMissing } from "../files/disk-failure.ts"
import { readGitConfig } from "./git-config.ts"
import type { Repository } from "./repository.ts"
import { isSafeDirectory } from "./safe-directory.ts"
import { tooLarge } from "./tree-limits.ts"

/** What is read or written of a repository by its name, a file or the last of some folders. */
const PARTS = [
	...["HEAD", "index", "config", "config.worktree", "gitdir", "packed-refs", "shallow", "logs/HEAD", "logs/refs/heads"],
	...["refs/heads", "refs/tags", "refs/hotfix/kept", "objects/info/alternates", "objects/pack"],
]

/**
 * A module may come from anybody, with its `.git`: that counts only where it belongs to this account or root, or git
 * was told to trust it, and where nothing of it leads into another repository or to other files. Fails with `repository-unusable`.
 */
export async function requireOwn({ root, gitDir, commonDir }: Omit<Repository, "prefix">): Promise<void> {
	const pointer = join(root, ".git")
	if ((await lstat(pointer)).isSymbolicLink()) throw unusable(pointer, "link")
	for (const path of new Set([pointer, gitDir, commonDir]))
		if (await isForeign(path, root)) throw unusable(root, "other-owner")
	for (const folder of new Set([gitDir, commonDir])) {
		await Promise.all(PARTS.map((part) => requirePlain(folder, part)))
		await requirePlainPacks(join(folder, "objects/pack"))
	}
	if (gitDir !== pointer && !(await isNamedBack(root, gitDir, commonDir))) throw unusable(pointer, "other-folder")
	if (gitDir !== commonDir && !(await isWorktreeOf(commonDir, gitDir))) throw unusable(pointer, "other-folder")
}

/**
 * Whether a part of a repository is neither this account's nor root's, nor of whoever called sudo, and git was not told to trust
 * it. `root`: its working files. Windows knows no such numbers.
 */
export async function isForeign(path: string, root: string): Promise<boolean> {
	const self = process.getuid?.()
	if (self === undefined) return false
	const caller = self === 0 ? Number(process.env.SUDO_UID ?? 0) : self
	const found = await lstat(path).catch(isMissing)
	if (!found) throw unusable(path, "lost-folder")
	return ![0, self, caller].includes(found.uid) && !(await isSafeDirectory(root))
}

/** A linked working tree is named by `gitdir`, a submodule by a setting. */
async function isNamedBack(root: string, gitDir: string, commonDir: string): Promise<boolean> {
	if (gitDir !== commonDir) {
		const to = await readFile(join(gitDir, "gitdir"), "utf8").catch(isMissing)
		return to !== undefined && isSame(dirname(resolve(gitDir, to.trim())), root)
	}
	const config = await readGitConfig(join(gitDir, "config"))
	const isSplit = /^(?:true|yes|on|1)$/i.test(config.get("extensions.worktreeconfig") ?? "")
	const more = isSplit ? await readGitConfig(join(gitDir, "config.worktree")) : undefined
	const to = more?.get("core.worktree") ?? config.get("core.worktree")
	return to !== undefined && isSame(resolve(gitDir, to), root)
}

/** Only who may write to a repository can put a working tree there. */
function isWorktreeOf(commonDir: string, gitDir: string): Promise<boolean> {
	return isSame(gitDir, join(commonDir, "worktrees", basename(gitDir)))
}

async function isSame(a: string, b: string): Promise<boolean> {
	const [realA, realB] = await Promise.all([a, b].map((path) => realpath(path).catch(isMissing)))
	return realA !== undefined && realA === realB
}

/**
 * Refuses a path below a repository's folder on which anything that is there is neither folder nor file. What lies at its end;
 * undefined for nothing.
 */
export async function requirePlain(folder: string, path: string): Promise<Stats | undefined> {
	let at = folder
	let found: Stats | undefined
	for (const part of path.split("/")) {
		at = join(at, part)
		found = await lstat(at).catch(isMissing)
		if (!found) return undefined
		if (!found.isDirectory() && !found.isFile()) throw unusable(at, "link")
	}
	return found
}

/**
 * One of git's files; undefined where it is missing. Whoever may write to its folder can put a pipe, a device or any number of
 * bytes in its place at any time: none is waited for. Fails with `repository-unusable`.
 */
export async function readPlain(folder: string, name: string, limit: number): Promise<Buffer | undefined> {
	const path = join(folder, name)
	await requirePlain(folder, name)
	const file = await openRegular(path).catch((error) => {
		if (error instanceof FailureError) throw unusable(path, "link")
		return isMissing(error)
	})
	if (!file) return undefined
	const bytes = await readAtMost(file, limit + 1).finally(() => file.close())
	if (bytes.length > limit) throw tooLarge(path)
	return bytes
}

async function requirePlainPacks(folder: string): Promise<void> {
	const entries = (await readdir(folder, { withFileTypes: true }).catch(isMissing)) ?? []
	const odd = entries.find((entry) => !entry.isFile() && /\.(?:idx|pack)$/.test(entry.name))
	if (odd) throw unusable(join(folder, odd.name), "link")
}

function unusable(path: string, reason: string): FailureError {
	return new FailureError("repository-unusable", { path, reason })
}
