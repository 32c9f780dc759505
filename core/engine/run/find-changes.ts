import { findAttributes } from "../backup/find-attributes.ts"
import type { BackupManifest, Entry, Result } from "../backup/manifest.ts"
import { readManifest } from "../backup/manifest-file.ts"
import { hashOpen, withFile } from "../disk/content.ts"
import { meaningOf } from "../disk/disk-error.ts"
import { lstatIn, openIn } from "../disk/held-folder.ts"
import { sideBySide } from "../disk/side-by-side.ts"
import type { Host } from "../host.ts"
import { findPath } from "../phases/inspect.ts"
import { type EngineState, own } from "../state/state.ts"
import type { Base } from "./open-run.ts"

/** A destination that is no longer what a pool left there. */
export interface ChangedSince {
	destination: string
	/** What became of it, in words. */
	change: string
}

/**
 * Destinations that a revert would take something away from: changed by somebody since, or written by another pool. What
 * the same pool wrote there later is not a change, nor is a file that already is as the revert would leave it.
 */
export async function findChanges(
	base: Base,
	state: EngineState,
	manifest: BackupManifest,
	isDegraded: boolean,
): Promise<ChangedSince[]> {
	const attributes = await readAttributes(base, manifest)
	const changed = await sideBySide(manifest.entries, async (entry) => {
		const record = own(state.files, entry.path)
		if (record && (record.pool !== manifest.pool || record.module !== manifest.module.name)) {
			const by = `pool ${record.pool} of ${record.module} ${record.version} (run ${record.run})`
			return [{ destination: entry.destination, change: `${entry.destination} was written by ${by} since` }]
		}
		const later =
			record && record.run !== manifest.run ? await readEntry(base, manifest.pool, record.run, entry) : entry
		const wrote = [asResult(entry), ...(later ? [later.after] : []), ...(isDegraded ? [entry.after] : [])]
		const change = await changeSince(base.host, entry, wrote, attributes).catch(meaningOf)
		return change === undefined ? [] : [{ destination: entry.destination, change }]
	})
	return changed.flat()
}

/**
 * What became of a destination since it was written as one of `wrote`, in words; undefined when nothing did. Throws where
 * it cannot be looked at.
 */
export async function changeSince(
	host: Host,
	entry: Entry,
	wrote: Result[],
	attributes?: Map<string, string | undefined>,
): Promise<string | undefined> {
	try {
		return await compare(host, entry, wrote, attributes)
	} catch (error) {
		throw cannotLook(entry.destination, error)
	}
}

function cannotLook(path: string, error: unknown): Error {
	return new Error(`${path} cannot be looked at: ${meaningOf(error)}`, { cause: error })
}

/** The same where nothing but the content that was written is known any more. */
export async function changeOfContent(host: Host, path: string, digest: string): Promise<string | undefined> {
	try {
		const stat = await lstatIn(host, path)
		if (!stat) return `${path} was removed`
		if (stat.kind !== "file") return `${path} is no file any more`
		const found = await withFile(openIn(host, path), (file) => hashOpen(host, file))
		return found.digest === digest ? undefined : `${path} has other content`
	} catch (error) {
		throw cannotLook(path, error)
	}
}

async function compare(
	host: Host,
	{ destination, path, before }: Entry,
	wrote: Result[],
	attributes?: Map<string, string | undefined>,
): Promise<string | undefined> {
	const leadsTo = await findPath(host, destination)
	if (leadsTo !== path) return `${destination} leads to ${leadsTo} now`
	const stat = await lstatIn(host, path)
	const files = wrote.flatMap((result) => (result.kind === "file" ? [result] : []))
	if (!stat) return files.length < wrote.length ? undefined : `${destination} was removed`
	if (stat.kind !== "file") return `${destination} is no file any more`
	if (files.length === 0) return `${destination} was made`
	// Not hashed: whoever owns it can make it as large as any disk.
	if (!files.some(({ size }) => size === stat.size)) return `${destination} has other content`
	const found = await withFile(openIn(host, path), async (file) => ({
		...(await hashOpen(host, file)),
		...(await file.stat()),
	}))
	const same = files.filter(({ digest }) => digest === found.digest)
	if (same.length === 0) return `${destination} has other content`
	if (!same.some(({ mode, uid, gid }) => mode === found.mode && uid === found.uid && gid === found.gid))
		return `${destination} has another mode, owner or group`
	const kept = before.kind === "file" ? before.attributes?.digest : undefined
	const isKept = before.kind === "absent" || !attributes?.has(path) || attributes.get(path) === kept
	return isKept ? undefined : `${destination} has other extended attributes or ACLs`
}

async function readAttributes(
	{ host, layout }: Base,
	{ pool, run, entries }: BackupManifest,
): Promise<Map<string, string | undefined>> {
	const paths = entries.map(({ path }) => path)
	const found = await findAttributes(host, paths, `${layout.backup(pool, run)}/find`)
	return new Map([...found].map(([path, { digest }]) => [path, digest]))
}

async function readEntry({ host, layout }: Base, pool: string, run: string, { path }: Entry) {
	const read = await readManifest(host, layout, pool, run)
	return "manifest" in read ? read.manifest.entries.find((entry) => entry.path === path) : undefined
}

/** What a revert makes of a destination. */
function asResult({ before }: Entry): Result {
	return before
}
