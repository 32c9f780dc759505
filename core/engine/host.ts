import type { BootRecovery } from "./boot-recovery.ts"
import type { ShellPort } from "./closure/shell-port.ts"
import type { Trust } from "./trust.ts"

/**
 * Everything the engine reaches outside itself, in small steps, so that a test can count, fail and crash each one.
 * Methods reject with an error that carries a system error code (`ENOENT`, `ENOSPC` ...) in `code`.
 */
export interface Host {
	disk: Disk
	attributes: Attributes
	/** Names in a folder as their bytes, unsorted, at most so many. */
	readNames(folder: string, limit: number): Promise<Uint8Array[]>
	/** Runs closures and checks. */
	shell: ShellPort
	/** Where closures find programs; undefined where this host's disk does not show them. */
	programFolders?: readonly string[]
	clock: Clock
	self: Self
	bootRecovery: BootRecovery
	/** Which modules may run here. */
	trust: Trust
	/** Before services are started on restored files: one that failed on the others may be started again at once. */
	forgetFailedStarts?: () => Promise<void>
	/** Runs a program to its end, standard input empty; for small tools, not for closures. Output at most 16 MiB. */
	run(program: string, args: string[]): Promise<Ran>
	/** A fresh SHA-256. */
	createHash(): Hash
	/** As fast as memory can be read, which no loop over bytes is. */
	isEqual(one: Uint8Array, other: Uint8Array): boolean
	/** User or group id of a name; undefined when there is none. */
	userId(name: string): Promise<number | undefined>
	groupId(name: string): Promise<number | undefined>
}

export interface Ran {
	/** Undefined when the program could not be started or a signal ended it. */
	exit: number | undefined
	stdout: string
	stderr: string
}

export interface Hash {
	update(bytes: Uint8Array): void
	/** Lowercase hexadecimal. */
	digest(): string
}

/** What tells this process from one that has the same pid later. */
export interface Self {
	pid: number
	/** Of the process; undefined where the system does not tell. */
	startTime: string | undefined
	/** Of the running system: another one means that every process of before is dead. */
	bootId: string | undefined
	/** Effective ids. */
	uid: number
	gid: number
	/** Further groups of the account. */
	groups: readonly number[]
	/** A variable of this process's environment; undefined when it is not set. */
	variable(name: string): string | undefined
	/** Whether a process is alive and, as far as the system tells, the one that began at `startTime`. */
	isAlive(pid: number, startTime: string | undefined): Promise<boolean>
}

export interface Clock {
	/** Milliseconds since 1970. */
	now(): number
	/** Milliseconds from any start, never set back. */
	monotonic(): number
	/** Returns early, without an error, when the signal is aborted. */
	sleep(ms: number, signal?: AbortSignal): Promise<void>
	/** Calls once after so many milliseconds; the returned function cancels. */
	after(ms: number, callback: () => void): () => void
	/** Calls back again and again until the returned function is called; does not keep the program alive. */
	every(ms: number, callback: () => void): () => void
}

export interface FileStat {
	kind: "file" | "folder" | "link" | "other"
	device: bigint
	inode: bigint
	links: number
	/** Bytes. */
	size: number
	/** Permission bits, set-user-id, set-group-id and sticky included. */
	mode: number
	uid: number
	gid: number
	/** Nanoseconds since 1970. */
	atimeNs: bigint
	mtimeNs: bigint
	ctimeNs: bigint
}

export type OpenHow = "read" | "readItself" | "create" | "write" | "append" | "folder"

export interface Disk {
	/**
	 * `read`: existing file. `readItself`: the same, never what a link leads to. `create`: new file, fails with EEXIST.
	 * `write`: existing file, kept as it is. `append`: at its end, made when missing. `folder`: to hold it and to work in
	 * it by the `path` of what was opened. A link at the end of `path` is followed by `read` only.
	 */
	open(path: string, how: OpenHow, mode?: number): Promise<OpenFile>
	/** Undefined when there is nothing at `path`. */
	lstat(path: string): Promise<FileStat | undefined>
	readLink(path: string): Promise<string>
	/** Absolute path without links; fails with ENOENT when it leads nowhere. */
	realPath(path: string): Promise<string>
	/** Names only; undefined when there is no such folder. */
	readFolder(path: string): Promise<string[] | undefined>
	/** A new one, ours unless an owner is named. Whatever somebody puts in its place meanwhile is left alone. */
	makeFolder(path: string, mode: number, owner?: { uid: number; gid: number }): Promise<void>
	removeFolder(path: string): Promise<void>
	/** A folder with everything in it; silent when there is none. */
	removeTree(path: string): Promise<void>
	rename(from: string, to: string): Promise<void>
	/** A second name for a file; fails with EEXIST. */
	link(from: string, to: string): Promise<void>
	makeLink(target: string, path: string): Promise<void>
	remove(path: string): Promise<void>
	/** To the nanosecond where the appliance's `touch` can, else to the microsecond. */
	setTimes(times: { path: string; atimeNs: bigint; mtimeNs: bigint }[]): Promise<void>
	/** Fails with the reason (EACCES, EROFS, EPERM of an immutable file) when this process may not write there. */
	checkWritable(path: string): Promise<void>
	syncFolder(path: string): Promise<void>
	/** A new file that shares the blocks of another; fails with ENOTSUP or EXDEV, and makes none, where that cannot be. */
	clone(from: string, to: string): Promise<void>
	/** Room for this process on the file system of an existing path. `freeFiles` is undefined where it has no limit. */
	room(path: string): Promise<{ freeBytes: number; freeFiles: number | undefined }>
}

export interface OpenFile {
	/**
	 * Means this open file or folder for as long as it is open, in other processes too, whatever stands at its own path by
	 * now. Its own path where the system has none.
	 */
	readonly path: string
	/** At most `into.length` bytes from `position`; 0 at the end. */
	read(into: Uint8Array, position: number): Promise<number>
	/** All of `bytes`. `position` is without meaning for a file opened to append. */
	write(bytes: Uint8Array, position: number): Promise<void>
	truncate(size: number): Promise<void>
	/** Of the open file itself, whatever stands at its path by now. */
	setOwner(uid: number, gid: number): Promise<void>
	setMode(mode: number): Promise<void>
	sync(): Promise<void>
	stat(): Promise<FileStat>
	close(): Promise<void>
}

/** Extended attributes and ACLs, which no JavaScript runtime reaches by itself. */
export interface Attributes {
	/** Why this host cannot keep them; undefined when it can. */
	missing(): Promise<string | undefined>
	/**
	 * Of the files that have any: a text that is the same exactly when they are. `scratch` is a folder that does not exist
	 * yet; it is gone afterwards.
	 */
	find(paths: string[], scratch: string): Promise<Map<string, string>>
	/** A new empty file at `to` with owner, mode, times, extended attributes and ACLs of `from`. */
	take(from: string, to: string): Promise<void>
	/** Gives `to` the mode, extended attributes and ACLs of `from`; owner and times stay. */
	give(from: string, to: string): Promise<void>
}
