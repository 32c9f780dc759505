import { z } from "zod"
import { readSmallFile, withFile } from "../disk/content.ts"
import { digestOf } from "../disk/digest.ts"
import { codeOf, unlessAbsent } from "../disk/disk-error.ts"
import { isBelow } from "../disk/path.ts"
import { sideBySide } from "../disk/side-by-side.ts"
import type { Host } from "../host.ts"
import type { Layout } from "../layout.ts"
import { type BackupManifest, type Entry, snapshotSchema } from "./manifest.ts"
import { readManifest } from "./manifest-file.ts"
import { hasLeftFiles, readPoolEnd } from "./pool-end.ts"

/** The first version of a file that was ever replaced here: the customer's own, kept for ever (DESIGN invariant 6). */
export const originalSchema = z.object({
	format: z.literal(1),
	destination: z.string(),
	path: z.string(),
	snapshot: snapshotSchema,
	/** Folders that were made for it, because they were not there. */
	makes: z.array(z.string()).optional(),
	run: z.string(),
	at: z.string(),
})
export type Original = z.infer<typeof originalSchema>

/** Pins what a pool replaced, unless an earlier one is pinned. May be cut short and repeated. */
export async function pinOriginals(host: Host, layout: Layout, manifest: BackupManifest): Promise<void> {
	const pinned = await sideBySide(manifest.entries, ({ path }) => host.disk.lstat(originalPath(host, layout, path)))
	const unpinned = manifest.entries.filter((_, index) => !pinned[index])
	const older = unpinned.length === 0 ? [] : await readOlder(host, layout, manifest)
	// All are written before the first one is synced: many files are safe in hardly more time than one.
	const names = await sideBySide(unpinned, (entry) =>
		writeOriginal(host, layout, findTheirs({ manifest, entry }, older)),
	)
	await sideBySide(names, (name) => withFile(host.disk.open(asideOf(name), "read"), (file) => file.sync()))
	await sideBySide(names, (name) => host.disk.rename(asideOf(name), name))
	// Also where nothing was left to pin: whoever did may have been killed before its name was safe.
	await host.disk.syncFolder(layout.originals)
}

/** The same as what a file shall become, or why it cannot. */
export async function findOriginal(
	host: Host,
	layout: Layout,
	path: string,
): Promise<{ original: Original } | { fault: string }> {
	try {
		const original = await readOriginal(host, layout, path)
		return original ? { original } : { fault: `the customer's original of ${path} is missing` }
	} catch {
		// Whatever is wrong with its record: it is no JSON, or not ours.
		return { fault: `the customer's original of ${path} is damaged` }
	}
}

/** The customer's original of a file, by its path without links; undefined when we never replaced it. */
export async function readOriginal(host: Host, layout: Layout, path: string): Promise<Original | undefined> {
	const bytes = await readSmallFile(host, originalPath(host, layout, path))
	return bytes && originalSchema.parse(JSON.parse(new TextDecoder().decode(bytes)))
}

/** One destination in one backup. */
interface Found {
	manifest: BackupManifest
	entry: Entry
}

/** Backups from before this one whose pool may have left its files, newest first. */
async function readOlder(
	host: Host,
	layout: Layout,
	{ run, pool, takenAt }: BackupManifest,
): Promise<BackupManifest[]> {
	const older: BackupManifest[] = []
	for (const otherPool of (await host.disk.readFolder(layout.pools)) ?? []) {
		for (const otherRun of (await host.disk.readFolder(layout.pool(otherPool))) ?? []) {
			if (otherPool === pool && otherRun === run) continue
			const read = await readManifest(host, layout, otherPool, otherRun)
			if (!("manifest" in read) || read.manifest.takenAt >= takenAt) continue
			const end = await readPoolEnd(host, layout, otherPool, otherRun)
			if (end && hasLeftFiles(end)) older.push(read.manifest)
		}
	}
	return older.sort((a, b) => b.takenAt - a.takenAt)
}

/** Content that an earlier pool of ours had left there is not the customer's: what that pool found there is. */
function findTheirs(found: Found, older: BackupManifest[]): Found {
	return older.reduce((latest, manifest) => {
		const entry = manifest.entries.find(({ path }) => path === latest.entry.path)
		const { before } = latest.entry
		const isOurs = before.kind === "file" && entry?.after.kind === "file" && entry.after.digest === before.digest
		return entry && isOurs ? { manifest, entry } : latest
	}, found)
}

/** Under its name for the time being; its content is not synced. */
async function writeOriginal(host: Host, layout: Layout, { manifest, entry }: Found): Promise<string> {
	const { destination, path, before } = entry
	const name = originalPath(host, layout, path)
	const carrier = `${name}.attributes`
	const snapshot =
		before.kind === "file" && before.attributes ? { ...before, attributes: { ...before.attributes, carrier } } : before
	if (before.kind === "file" && before.attributes) await linkOnce(host, before.attributes.carrier, carrier)
	const makes = manifest.makes.filter((folder) => isBelow(path, folder))
	const made = makes.length > 0 ? { makes } : {}
	const original: Original = { format: 1, destination, path, snapshot, ...made, run: manifest.run, at: manifest.at }
	await unlessAbsent(host.disk.remove(asideOf(name)))
	await withFile(host.disk.open(asideOf(name), "create", 0o600), (file) =>
		file.write(new TextEncoder().encode(JSON.stringify(original)), 0),
	)
	return name
}

function asideOf(name: string): string {
	return `${name}.new`
}

/** One that is gone cannot be kept: whoever wants the original is told so, and no other one is pinned in its place. */
async function linkOnce(host: Host, from: string, to: string): Promise<void> {
	try {
		await host.disk.link(from, to)
	} catch (error) {
		if (codeOf(error) !== "EEXIST" && codeOf(error) !== "ENOENT") throw error
	}
}

function originalPath(host: Host, layout: Layout, path: string): string {
	return `${layout.originals}/${digestOf(host, path)}.json`
}
