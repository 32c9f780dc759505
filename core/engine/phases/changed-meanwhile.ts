import type { BackupManifest, Entry } from "../backup/manifest.ts"
import { lstatIn } from "../disk/held-folder.ts"
import { isSettled } from "../disk/seen-file.ts"
import { sideBySide } from "../disk/side-by-side.ts"
import type { FileStat, Host } from "../host.ts"
import { hasLink } from "./restore-names.ts"
import { hashIn } from "./untouched.ts"

/** Somebody changed a destination since it was backed up: it is theirs, and was not touched. */
export class ChangedMeanwhile extends Error {
	constructor(destination: string) {
		super(`${destination} was changed by somebody else since it was backed up`)
	}
}

/** Compares a backup's entries with what stands there, as long as no command of the pool has run. */
export interface Onlooker {
	/**
	 * What stands there, which is what was backed up; else `ChangedMeanwhile`. For the moment right before it is replaced.
	 * Trap: no call of Node's compares and replaces in one; what is done to a file between this look and the rename,
	 * microseconds later, is lost.
	 */
	check(entry: Entry): Promise<FileStat | undefined>
	/**
	 * Paths that the pool had not begun to change and that somebody else has: the way back leaves them alone. One that is
	 * gone comes back; of one that cannot be looked at, what is done next says so.
	 */
	findLeft(): Promise<string[]>
}

/** `begun`: paths that the pool has begun to change. */
export function createOnlooker(host: Host, manifest: BackupManifest, begun: ReadonlySet<string>): Onlooker {
	const inPlace = manifest.entries.filter((entry) => entry.inPlace)
	/** Another name of a file that was written in place bears our content, too. */
	const isWritten = (path: string, stat: FileStat) =>
		inPlace.some((other) => other.path !== path && begun.has(other.path) && isFile(other, stat))

	const isAsBackedUp = async (entry: Entry, stat: FileStat | undefined): Promise<boolean> => {
		const { before } = entry
		if (before.kind === "absent" || stat?.kind !== "file") return before.kind === "absent" && stat === undefined
		if (isWritten(entry.path, stat)) return true
		const isUnchanged = isFile(entry, stat) && String(stat.ctimeNs) === entry.seen?.ctimeNs
		if (isUnchanged && isSettled(stat, manifest.takenAt)) return true
		// A second name, a backup program or a boot give a file another `ctime` or number, too.
		const { size, mode, uid, gid, mtimeNs } = before
		const isSame = stat.size === size && stat.mode === mode && stat.uid === uid && stat.gid === gid
		return isSame && String(stat.mtimeNs) === mtimeNs && (await hashIn(host, entry.path)) === before.digest
	}
	const hasOtherLink = async ({ destination, link, linkPath = destination }: Entry) =>
		link !== undefined && !(await hasLink(host, linkPath, link))

	return {
		async check(entry) {
			if (await hasOtherLink(entry)) throw new ChangedMeanwhile(entry.destination)
			const stat = await lstatIn(host, entry.path)
			if (!(await isAsBackedUp(entry, stat))) throw new ChangedMeanwhile(entry.destination)
			return stat
		},
		async findLeft() {
			const isTheirs = async (entry: Entry) => {
				const { destination, path, linkPath = destination } = entry
				if ((await lstatIn(host, linkPath)) && (await hasOtherLink(entry))) return true
				const stat = await lstatIn(host, path)
				return stat !== undefined && !(await isAsBackedUp(entry, stat))
			}
			const found = await sideBySide(manifest.entries, async (entry) =>
				!begun.has(entry.path) && (await isTheirs(entry).catch(() => false)) ? [entry.path] : [],
			)
			return found.flat()
		},
	}
}

function isFile({ seen }: Entry, { device, inode }: FileStat): boolean {
	return seen !== undefined && String(device) === seen.device && String(inode) === seen.inode
}
