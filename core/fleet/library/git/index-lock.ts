import { constants } from "node:fs"
import { link, open, readdir, rename, rm, stat } from "node:fs/promises"
import { join } from "node:path"
import { FailureError } from "../../../schema/failure.ts"
import { isOwnerAlive, ownOwner } from "../../services/owner.ts"
import { syncFolder } from "../files/atomic-file.ts"
import { codeOf, isMissing } from "../files/disk-failure.ts"

/** Our files beside git's: who holds the lock, as in `owner.ts`. */
const MARK = /^hotfix-lock-(\d+)-(\d*)$/

/**
 * Does `work` while no git changes the index (git's own lock: `index.lock`). `replace` puts a new index in place. A lock
 * that a killed program of ours left is removed; any other makes it fail with `repository-unusable`, `busy`.
 */
export async function withIndexLock<T>(
	gitDir: string,
	work: (replace: (index: Buffer) => Promise<void>) => Promise<T>,
): Promise<T> {
	await removeDeadLock(gitDir)
	const [pid, start] = ownOwner().split(":")
	const mark = join(gitDir, `hotfix-lock-${pid}-${start}`)
	const lock = join(gitDir, "index.lock")
	const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | (constants.O_NOFOLLOW ?? 0)
	const file = await open(mark, flags, 0o644)
	let isHeld = false
	try {
		// A link has the mark's inode: so a dead lock of ours is told from one of git's.
		await link(mark, lock).catch((error) => {
			throw codeOf(error) === "EEXIST" ? busy(gitDir) : error
		})
		isHeld = true
		return await work(async (index) => {
			await file.writeFile(index)
			await file.sync()
			await rename(lock, join(gitDir, "index"))
			isHeld = false
			await syncFolder(gitDir)
		})
	} finally {
		await file.close()
		if (isHeld) await rm(lock, { force: true })
		await rm(mark, { force: true })
	}
}

/** A lock whose program was killed in the middle. */
export async function removeDeadLock(gitDir: string): Promise<void> {
	for (const name of (await readdir(gitDir).catch(isMissing)) ?? []) {
		const [, pid, start] = MARK.exec(name) ?? []
		if (pid === undefined || isOwnerAlive(`${pid}:${start}`)) continue
		const mark = await stat(join(gitDir, name)).catch(isMissing)
		const lock = await stat(join(gitDir, "index.lock")).catch(isMissing)
		if (mark && lock?.ino === mark.ino) await rm(join(gitDir, "index.lock"), { force: true })
		await rm(join(gitDir, name), { force: true })
	}
}

function busy(path: string): FailureError {
	return new FailureError("repository-unusable", { path, reason: "busy" })
}
