import type { FileSnapshot } from "../backup/manifest.ts"
import { copyInto, hashFile, withFile } from "../disk/content.ts"
import { because, codeOf } from "../disk/disk-error.ts"
import { inFolderOf, lstatIn, openIn, removeIn } from "../disk/held-folder.ts"
import { lengthen } from "../disk/reserve.ts"
import { copySeen, isSeen, isUnchanged, type SeenFile } from "../disk/seen-file.ts"
import type { FileStat, Host, OpenFile } from "../host.ts"
import { ChangedMeanwhile } from "./changed-meanwhile.ts"

/** One file to be made at `path`, with everything that makes it what it shall be. */
export interface Placement {
	destination: string
	path: string
	/** Beside `path`, so that a rename can put it there. */
	temp: string
	inPlace: boolean
	/** The file that was there; only that one is written in place. */
	seen?: { inode: string }
	from: string
	/** Of the content at `from`, whose digest was found right when it was seen so. */
	seenFrom?: SeenFile
	digest: string
	uid: number
	gid: number
	mode: number
	/** The empty file whose extended attributes and ACLs it gets. */
	carrier?: string
	/** Takes the place of a file without extended attributes and ACLs: it gets none from its folder either. */
	isPlain?: boolean
	/** Kept only by a restore; new content has been modified now. */
	times?: Pick<FileSnapshot, "atimeNs" | "mtimeNs">
}

/** The content does not have its digest: nothing was written over anything. */
export class WrongDigest extends Error {}

/** Writes the whole file aside, complete but not yet safe on disk; nobody who reads `path` sees any of it. */
export async function stage(host: Host, file: Placement): Promise<void> {
	await step(`write ${file.destination}`, async () => {
		if (file.inPlace) return checkSource(host, file)
		await inFolderOf(host, file.path, ({ at }) =>
			withFile(host.disk.open(at(file.temp), "create", 0o600), async (to) => {
				await copyContent(host, file, to)
				await finish(host, file, to)
			}),
		)
	})
}

/** Makes a staged file safe on disk. Apart from `stage` so that times can be set for all at once in between. */
export async function syncStaged(host: Host, file: Placement): Promise<void> {
	if (!file.inPlace) await step(`write ${file.destination}`, () => syncFile(host, file.temp))
}

/** All that is done to other files beforehand. */
async function stageLate(host: Host, file: Placement): Promise<void> {
	await stage(host, file)
	if (file.times) {
		await inFolderOf(host, file.path, ({ at }) => host.disk.setTimes([timesOf(file, at(file.temp))]))
	}
	await syncStaged(host, file)
}

/**
 * Puts a staged file in place, at once where a rename can; the caller syncs the folder. `look` says what it may replace, or
 * throws; without it whatever stands there is replaced.
 */
export async function putInPlace(
	host: Host,
	file: Placement,
	look: () => Promise<FileStat | undefined> = () => lstatIn(host, file.path),
): Promise<void> {
	await step(`replace ${file.destination}`, async () => {
		const seen = await look()
		const check = (stat: FileStat) => {
			if (!seen || !isSeen(seen, stat)) throw new ChangedMeanwhile(file.destination)
		}
		// What an earlier try could not rename, or a link's file that is gone, is made by the other way.
		if (file.inPlace && isSameInode(file, seen)) return overwrite(host, file, check)
		if (file.inPlace) await stageLate(host, { ...file, inPlace: false })
		try {
			await inFolderOf(host, file.path, ({ at }) => host.disk.rename(at(file.temp), at(file.path)))
		} catch (error) {
			const code = codeOf(error)
			if (code !== "EBUSY" && code !== "EXDEV") throw error
			await overwrite(host, file, check)
			await removeIn(host, file.temp)
		}
	})
}

/**
 * Writes over the file that stands there, for a disk without room for a second one. Readers may see it half written; a
 * file that other names lead to as well is left alone, and so is one for which there is no room even so.
 */
export async function writeOver(host: Host, { seen: _, ...file }: Placement): Promise<void> {
	await step(`write over ${file.destination}`, async () => {
		if (!isAlone(await lstatIn(host, file.path))) throw noSpace()
		await overwrite(host, file, (stat) => {
			if (!isAlone(stat)) throw noSpace()
		})
	})
}

function isAlone(stat: FileStat | undefined): boolean {
	return stat?.kind === "file" && stat.links === 1
}

function noSpace(): Error {
	return new Error("no space is left on the disk for another file")
}

/**
 * Another file with several names, put there meanwhile, would be written under all its other names too. Trap: a disk gets
 * another device number at a boot, or when it is mounted anew; only root could bring another disk's file here.
 */
function isSameInode({ seen }: Placement, stat: FileStat | undefined): boolean {
	if (!seen || !stat) return stat !== undefined
	return String(stat.inode) === seen.inode
}

/**
 * Hard links and mount points keep their inode; readers may see it half written, the backup guards against a crash. `check`
 * throws for a file that may not be written: by the open file, whatever stood there a moment ago.
 */
async function overwrite(host: Host, file: Placement, check: (stat: FileStat) => void = () => {}): Promise<void> {
	await inFolderOf(host, file.path, async ({ at }) => {
		await withFile(host.disk.open(at(file.path), "write"), async (to) => {
			const stat = await to.stat()
			if (!isSameInode(file, stat)) throw new Error("another file was put in its place")
			check(stat)
			// Room first: what is there may only be written over when all of it can be.
			await lengthen(to, stat.size, (await host.disk.lstat(file.from))?.size ?? 0)
			await to.truncate(await copyContent(host, file, to))
			await finish(host, file, to)
		})
		if (file.times) await host.disk.setTimes([timesOf(file, at(file.path))])
	})
	await syncFile(host, file.path)
}

/**
 * Trap: changing the owner clears set-user-id bits and file capabilities, so owner, then attributes, then mode. By the
 * open file, so that whoever owns the folder cannot put a link to another file in its place meanwhile.
 */
async function finish(host: Host, file: Placement, open: OpenFile): Promise<void> {
	await open.setOwner(file.uid, file.gid)
	if (file.carrier) await host.attributes.give(file.carrier, open.path)
	await open.setMode(file.mode)
}

export function timesOf(file: Placement, path: string): { path: string; atimeNs: bigint; mtimeNs: bigint } {
	return { path, atimeNs: BigInt(file.times?.atimeNs ?? 0), mtimeNs: BigInt(file.times?.mtimeNs ?? 0) }
}

async function syncFile(host: Host, path: string): Promise<void> {
	await withFile(openIn(host, path), (file) => file.sync())
}

/** Its size. */
async function copyContent(host: Host, file: Placement, to: OpenFile): Promise<number> {
	const copied = file.seenFrom && (await copySeen(host, file.from, file.seenFrom, to))
	if (copied !== undefined) return copied
	const { digest, size } = await copyInto(host, file.from, to)
	// What a first try had copied of a longer file.
	if (file.seenFrom) await to.truncate(size)
	checkContent(file, digest)
	return size
}

async function checkSource(host: Host, file: Placement): Promise<void> {
	const stat = await host.disk.lstat(file.from)
	if (!stat || !isUnchanged(host, file.seenFrom, stat)) checkContent(file, (await hashFile(host, file.from)).digest)
}

function checkContent(file: Placement, digest: string): void {
	if (digest !== file.digest) throw new WrongDigest(`${file.from} does not have the digest it should have`)
}

async function step(what: string, run: () => Promise<void>): Promise<void> {
	try {
		await run()
	} catch (error) {
		if (error instanceof WrongDigest || error instanceof ChangedMeanwhile) throw error
		throw because(what, error)
	}
}
