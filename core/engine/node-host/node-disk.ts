import { type BigIntStats, constants, type StatsFs } from "node:fs"
import * as fs from "node:fs/promises"
import type { Disk, FileStat, OpenFile } from "../host.ts"
import { heldPath } from "./held-path.ts"
import { setTimes } from "./set-times.ts"

const { O_APPEND, O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_RDWR, O_WRONLY } = constants
/** O_NONBLOCK: a pipe that took a file's place must not hang the run. */
const flags = {
	read: O_RDONLY | O_NONBLOCK,
	readItself: O_RDONLY | O_NOFOLLOW | O_NONBLOCK,
	create: O_RDWR | O_CREAT | O_EXCL,
	write: O_RDWR | O_NOFOLLOW | O_NONBLOCK,
	append: O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK,
	folder: O_RDONLY | O_DIRECTORY | O_NOFOLLOW,
}

export const nodeDisk: Disk = {
	open: async (path, how, mode = 0o600) => openFile(await fs.open(path, flags[how], mode), path),
	lstat: (path) => absentAsUndefined(async () => fileStat(await fs.lstat(path, { bigint: true }))),
	readLink: (path) => fs.readlink(path),
	realPath: (path) => fs.realpath(path),
	readFolder: (path) => absentAsUndefined(() => fs.readdir(path)),
	makeFolder: newFolder,
	removeFolder: (path) => fs.rmdir(path),
	removeTree: (path) => fs.rm(path, { recursive: true, force: true }),
	rename: (from, to) => fs.rename(from, to),
	link: (from, to) => fs.link(from, to),
	makeLink: (target, path) => fs.symlink(target, path),
	remove: (path) => fs.unlink(path),
	setTimes,
	checkWritable: (path) => fs.access(path, constants.W_OK),
	syncFolder: async (path) => {
		const folder = await fs.open(path, O_RDONLY | O_DIRECTORY)
		try {
			await folder.sync()
		} finally {
			await folder.close()
		}
	},
	clone,
	room: async (path) => {
		const found: StatsFs = await fs.statfs(path)
		// A file system that does not count its blocks (ramfs, some network ones) has no limit that could be known.
		const freeBytes = found.blocks === 0 ? Number.MAX_SAFE_INTEGER : found.bavail * found.bsize
		return { freeBytes, freeFiles: found.files === 0 ? undefined : found.ffree }
	},
}

/**
 * The umask of whoever started this must not decide, hence a mode given afterwards: by a descriptor, because whoever may
 * write to the parent can have put a link or a folder of somebody else in the new one's place by then.
 */
async function newFolder(path: string, mode: number, owner?: { uid: number; gid: number }): Promise<void> {
	await fs.mkdir(path, { mode: owner ? 0o700 : mode })
	const folder = await fs.open(path, flags.folder)
	try {
		const stat = await folder.stat()
		// Nothing to give, nothing to take from anybody; and another process of ours may be filling it already.
		if (!owner && stat.uid === process.geteuid?.() && (stat.mode & 0o7777) === mode) return
		const isOurs = stat.uid === process.geteuid?.() && (await fs.readdir(heldPath(folder.fd, path))).length === 0
		if (!isOurs) throw new Error(`cannot make ${path}: somebody put another folder in its place`)
		if (owner) await folder.chown(owner.uid, owner.gid)
		await folder.chmod(mode)
	} finally {
		await folder.close()
	}
}

/** What file systems without shared blocks answer, and a kernel that does not know the call. */
const cannotClone = new Set(["ENOTSUP", "EOPNOTSUPP", "ENOTTY", "ENOSYS", "EINVAL"])

async function clone(from: string, to: string): Promise<void> {
	try {
		await fs.copyFile(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE_FORCE)
	} catch (error) {
		const code = (error as NodeJS.ErrnoException).code
		if (code === undefined || !cannotClone.has(code)) throw error
		throw Object.assign(new Error(`${to} cannot share the blocks of ${from}`, { cause: error }), { code: "ENOTSUP" })
	}
}

function openFile(file: fs.FileHandle, path: string): OpenFile {
	return {
		path: heldPath(file.fd, path),
		read: async (into, position) => (await file.read(into, 0, into.length, position)).bytesRead,
		write: async (bytes, position) => {
			for (let done = 0; done < bytes.length; ) {
				done += (await file.write(bytes, done, bytes.length - done, position + done)).bytesWritten
			}
		},
		truncate: (size) => file.truncate(size),
		setOwner: (uid, gid) => file.chown(uid, gid),
		setMode: (mode) => file.chmod(mode),
		sync: () => file.sync(),
		stat: async () => fileStat(await file.stat({ bigint: true })),
		close: () => file.close(),
	}
}

function fileStat(stat: BigIntStats): FileStat {
	return {
		kind: stat.isFile() ? "file" : stat.isDirectory() ? "folder" : stat.isSymbolicLink() ? "link" : "other",
		device: stat.dev,
		inode: stat.ino,
		links: Number(stat.nlink),
		size: Number(stat.size),
		mode: Number(stat.mode) & 0o7777,
		uid: Number(stat.uid),
		gid: Number(stat.gid),
		atimeNs: stat.atimeNs,
		mtimeNs: stat.mtimeNs,
		ctimeNs: stat.ctimeNs,
	}
}

async function absentAsUndefined<T>(read: () => Promise<T>): Promise<T | undefined> {
	try {
		return await read()
	} catch (error) {
		const code = (error as NodeJS.ErrnoException).code
		if (code === "ENOENT" || code === "ENOTDIR") return undefined
		throw error
	}
}
