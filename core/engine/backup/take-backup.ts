import type { RunKind } from "../../schema/event.ts"
import type { Destination } from "../change.ts"
import { writeFileAtomic } from "../disk/atomic-file.ts"
import { withFile } from "../disk/content.ts"
import { lstatIn, openIn } from "../disk/held-folder.ts"
import { makeFolder } from "../disk/make-folders.ts"
import { folderOf, join } from "../disk/path.ts"
import { sideBySide } from "../disk/side-by-side.ts"
import type { FileStat, Host, OpenFile } from "../host.ts"
import type { ModuleVersion } from "../journal/records.ts"
import type { Layout } from "../layout.ts"
import { type CopiedBlob, copyBlob, dropBlobs, keepBlobs } from "./blobs.ts"
import { findUnsoundCarriers } from "./carriers.ts"
import { type FoundAttributes, findAttributes } from "./find-attributes.ts"
import { readFolders } from "./folders.ts"
import type { BackupManifest, Entry, FileSnapshot, FolderSnapshot, PoolState, Result, Snapshot } from "./manifest.ts"
import { printManifest } from "./manifest-file.ts"

/** What a pool is about to change, and what its way back needs to know. */
export interface BackupRequest {
	run: string
	kind: RunKind
	pool: string
	module: ModuleVersion
	destinations: Destination[]
	/** In place of the pool's own one, for a second backup in the same run. */
	folder?: string
	unmakes: string[]
	isLeaving?: boolean
	stands?: PoolState
	releases?: string[]
	closure: string[]
	timeoutSeconds: number
	redact: readonly string[]
}

export type OnFile = (destination: string, action: "backed-up", snapshot: Snapshot) => void

/** Backs every destination up. When this resolves, all of it is verified and on disk, the manifest last. */
export async function takeBackup(
	host: Host,
	layout: Layout,
	request: BackupRequest,
	onFile: OnFile,
): Promise<{ manifest: BackupManifest; digest: string }> {
	const takenAt = host.clock.now()
	const folder = folderFor(layout, request)
	await makeFolder(host, layout.pool(request.pool), 0o700)
	await makeFolder(host, folder, 0o700)
	const existing = request.destinations.filter(({ sizeNow }) => sizeNow !== undefined).map(({ path }) => path)
	const attributes = await findAttributes(host, existing, `${folder}/find`)
	const blobs: CopiedBlob[] = []
	const take = async (destination: Destination, index: number) => {
		const entry = await takeEntry(host, layout, request, destination, index, attributes, blobs)
		onFile(entry.destination, "backed-up", entry.before)
		return entry
	}
	const entries = await sideBySide(request.destinations, take).catch(async (error: unknown) => {
		await dropBlobs(host, blobs)
		throw error
	})
	await checkCarriers(host, entries, `${folder}/find`)
	await keepBlobs(host, layout, blobs)
	const folders = await readFolders(host, request.destinations)
	const manifest = makeManifest(host, request, entries, folders, takenAt)
	const { text, digest } = printManifest(host, manifest)
	// Syncs the folder too, and with it the carriers' names.
	await writeFileAtomic(host, `${folder}/manifest.json`, text)
	return { manifest, digest }
}

function folderFor(layout: Layout, { folder, pool, run }: BackupRequest): string {
	return folder ?? layout.backup(pool, run)
}

async function takeEntry(
	host: Host,
	layout: Layout,
	request: BackupRequest,
	destination: Destination,
	index: number,
	attributes: Map<string, FoundAttributes>,
	blobs: CopiedBlob[],
): Promise<Entry> {
	const { path, link, linkPath, inPlace } = destination
	const place = {
		destination: destination.destination,
		path,
		...(link === undefined ? {} : { link }),
		...(linkPath === undefined ? {} : { linkPath }),
		temp: join(folderOf(path), `.hotfix-${request.run}-${index}`),
		inPlace,
		...(destination.isReturn ? { isReturn: true } : {}),
		...(destination.written ? { written: destination.written } : {}),
	}
	const seen = await lstatIn(host, path)
	// Gone for a moment only, say between two steps of who saves it: the way back would remove what is there again by then.
	if (!seen && destination.sizeNow !== undefined) missing(path)
	if (!seen) return { ...place, before: { kind: "absent" }, after: resultOf(host, destination, { kind: "absent" }) }
	if (seen.kind !== "file") throw new Error(`cannot back up ${path}: it is no regular file`)
	const carrier = `${folderFor(layout, request)}/${index}.attributes`
	const blobTemp = `.${request.run}-${request.pool}-${index}`
	const found = attributes.get(path)
	const digest = await withFile(openIn(host, path), async (file) => {
		// One open file from the first look to the last byte: a folder that is exchanged meanwhile changes nothing.
		const stats = [await file.stat(), ...(found ? [found.stat] : [])]
		if (found?.digest) await takeAttributes(host, file, carrier)
		const blob = await copyBlob(host, layout, file, path, blobTemp)
		blobs.push(blob)
		stats.push(await file.stat(), (await lstatIn(host, path)) ?? missing(path))
		if (!stats.every((stat) => isSame(seen, stat))) throw new Error(`cannot back up ${path}: it changed meanwhile`)
		return blob.digest
	})
	const before = snapshotOf(seen, digest, found?.digest ? { digest: found.digest, carrier } : undefined)
	return { ...place, before, seen: seenOf(seen), after: resultOf(host, destination, before) }
}

/** Attributes are read back like contents: a backup that does not hold them is none. */
async function checkCarriers(host: Host, entries: Entry[], scratch: string): Promise<void> {
	const snapshots = entries.map(({ before }) => before)
	const unsound = await findUnsoundCarriers(host, snapshots, scratch)
	for (const { path, before } of entries) {
		if (before.kind === "file" && before.attributes && unsound.has(before.attributes.carrier))
			throw new Error(`cannot back up ${path}: its extended attributes or ACLs could not be kept`)
	}
}

function missing(path: string): never {
	throw new Error(`cannot back up ${path}: it was removed meanwhile`)
}

async function takeAttributes(host: Host, file: OpenFile, carrier: string): Promise<void> {
	await host.attributes.take(file.path, carrier)
	await withFile(host.disk.open(carrier, "read"), (file) => file.sync())
}

function snapshotOf(stat: FileStat, digest: string, attributes: FileSnapshot["attributes"]): FileSnapshot {
	return {
		kind: "file",
		digest,
		size: stat.size,
		mode: stat.mode,
		uid: stat.uid,
		gid: stat.gid,
		atimeNs: String(stat.atimeNs),
		mtimeNs: String(stat.mtimeNs),
		...(attributes ? { attributes } : {}),
	}
}

function seenOf(stat: FileStat): Entry["seen"] {
	return { device: String(stat.device), inode: String(stat.inode), ctimeNs: String(stat.ctimeNs) }
}

function isSame(a: FileStat, b: FileStat): boolean {
	return a.inode === b.inode && a.device === b.device && a.ctimeNs === b.ctimeNs && a.size === b.size
}

/** An existing destination keeps its owner, group and mode, a new one takes the source's mode; `permissions` override. */
function resultOf(host: Host, { wanted }: Destination, before: Snapshot): Result {
	if (wanted.kind === "absent") return { kind: "absent" }
	if (wanted.kind === "snapshot") {
		const { digest, size, mode, uid, gid } = wanted.snapshot
		return { kind: "file", digest, size, mode, uid, gid }
	}
	const kept = before.kind === "file" ? before : { uid: host.self.uid, gid: host.self.gid, mode: wanted.mode }
	const { uid = kept.uid, gid = kept.gid, mode = kept.mode } = wanted.ownership
	return { kind: "file", digest: wanted.digest, size: wanted.size, mode, uid, gid }
}

function makeManifest(
	{ self }: Host,
	request: BackupRequest,
	entries: Entry[],
	folders: FolderSnapshot[],
	takenAt: number,
): BackupManifest {
	const { run, kind, pool, module, closure, timeoutSeconds, redact, destinations, unmakes } = request
	// A folder sorts before what lies in it.
	const makes = [...new Set(destinations.flatMap((destination) => destination.makes))].sort()
	const at = new Date(takenAt).toISOString()
	const isLeaving = request.isLeaving ? { isLeaving: true } : {}
	const stands = request.stands ? { stands: request.stands } : {}
	const releases = request.releases?.length ? { releases: request.releases } : {}
	return {
		format: 1,
		run,
		kind,
		pool,
		module,
		at,
		takenAt,
		...(self.bootId === undefined ? {} : { bootId: self.bootId }),
		folders,
		makes,
		unmakes,
		entries,
		...isLeaving,
		...stands,
		...releases,
		closure,
		timeoutSeconds,
		...(redact.length === 0 ? {} : { redact: [...redact] }),
	}
}
