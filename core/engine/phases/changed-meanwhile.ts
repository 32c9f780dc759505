import type { BackupManifest, Entry } from "../backup/manifest.ts"
import { hashOpen, withFile } from "../disk/content.ts"
import { lstatIn, openIn } from "../disk/held-folder.ts"
import { sideBySide } from "../disk/side-by-side.ts"
import type { FileStat, Host } from "../host.ts"
import { hasLink } from "./restore-names.ts"

/** Somebody changed a destination since it was backed up: it is theirs, and was not touched. */
export class ChangedMeanwhile extends Error {
	constructor(destination: string) {
		super(`${destination} was changed by somebody else since it was backed up`)
	}
}

/**
 * Whether what was backed up still stands there: the same file with the same `ctime`, the same link, or still nothing.
 * Looked at right before it is replaced. Trap: no system call of Node's compares and replaces in one; a file that is
 * changed between this look and the rename, microseconds later, is lost.
 */
export async function checkAsBackedUp(host: Host, entry: Entry): Promise<void> {
	const { destination, path, link, linkPath = destination } = entry
	if (link !== undefined && !(await hasLink(host, linkPath, link))) throw new ChangedMeanwhile(destination)
	checkSeen(entry, await lstatIn(host, path))
}

export function checkSeen({ destination, before, seen }: Entry, stat: FileStat | undefined): void {
	if (before.kind === "absent" ? stat === undefined : stat && seen && isSeen(seen, stat)) return
	throw new ChangedMeanwhile(destination)
}

function isSeen(seen: NonNullable<Entry["seen"]>, { device, inode, ctimeNs }: FileStat): boolean {
	return String(device) === seen.device && String(inode) === seen.inode && String(ctimeNs) === seen.ctimeNs
}

/**
 * Of the destinations that the pool had not begun to change (`begun`: paths of those it had), the ones that somebody else
 * changed since the backup: the way back leaves them alone. Only while no command of the pool has run: what a closure
 * changes goes back. One that is gone comes back; of one that cannot be looked at, what is done next says so.
 */
export async function findLeft(host: Host, { entries }: BackupManifest, begun: ReadonlySet<string>): Promise<string[]> {
	const found = await sideBySide(entries, async (entry) =>
		!begun.has(entry.path) && (await isTheirs(host, entry).catch(() => false)) ? [entry.path] : [],
	)
	return found.flat()
}

async function isTheirs(
	host: Host,
	{ destination, path, before, link, linkPath = destination }: Entry,
): Promise<boolean> {
	if (link !== undefined && (await lstatIn(host, linkPath)) && !(await hasLink(host, linkPath, link))) return true
	const stat = await lstatIn(host, path)
	if (!stat || before.kind === "absent") return stat !== undefined
	if (stat.kind !== "file" || stat.size !== before.size) return true
	return (await withFile(openIn(host, path), async (file) => (await hashOpen(host, file)).digest)) !== before.digest
}
