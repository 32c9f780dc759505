import { codeOf } from "../disk/disk-error.ts"
import type { FileStat, Host } from "../host.ts"

/** A fault, and whether root would not have it. */
export interface Fault {
	message: string
	needsRoot: boolean
}

/** What the system's permissions forbid to this account: root may do it. */
export function isForbidden({ self }: Pick<Host, "self">, error: unknown): boolean {
	return self.uid !== 0 && codeOf(error) === "EACCES"
}

/** Whether this account can give a file to that user and group; a file of its own in a group of its own. */
export function canOwn({ self }: Pick<Host, "self">, { uid, gid }: { uid?: number; gid?: number }): boolean {
	if (self.uid === 0) return true
	return (uid === undefined || uid === self.uid) && (gid === undefined || isOwnGroup(self, gid))
}

function isOwnGroup({ gid: own, groups }: Host["self"], gid: number): boolean {
	return gid === own || groups.includes(gid)
}

/** A file that is replaced keeps its owner and group: why this account cannot see to that. */
export function ownerFaults(host: Host, name: string, stat: FileStat, folder: FileStat | undefined): Fault[] {
	const { uid, gid } = stat
	if (!canOwn(host, { uid }))
		return [only(`${name} belongs to user ${uid}: only root can replace it and keep its owner`)]
	// In such a folder every new file has its group.
	const isInherited = folder !== undefined && (folder.mode & 0o2000) !== 0 && folder.gid === gid
	if (isInherited || canOwn(host, { gid })) return []
	return [only(`${name} belongs to group ${gid}: only root can replace it and keep its group`)]
}

function only(message: string): Fault {
	return { message, needsRoot: true }
}
