import type { FileStat } from "../../engine/host.ts"
import type { FileFacts, FileIdentity } from "../../schema/appliance-files.ts"
import type { AccountNames } from "./accounts.ts"

/** Seconds that a date can hold; a file system can hold more. */
const MAX_DATE_MS = 8.64e15

export function factsOf({ size, mode, uid, gid, mtimeNs }: FileStat, accounts: AccountNames): FileFacts {
	const ms = Number(mtimeNs / 1_000_000n)
	const modified = new Date(Math.min(MAX_DATE_MS, Math.max(-MAX_DATE_MS, ms))).toISOString()
	return { size, mode, uid, gid, ...accounts, modified }
}

export function identityOf({ device, inode, ctimeNs, size }: FileStat): FileIdentity {
	return { device: String(device), inode: String(inode), changed: String(ctimeNs), size }
}

export function isSameFile(one: FileIdentity, other: FileIdentity): boolean {
	return (
		one.device === other.device && one.inode === other.inode && one.changed === other.changed && one.size === other.size
	)
}
