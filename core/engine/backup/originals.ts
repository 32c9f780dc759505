import { z } from "zod"
import { readSmallFile, withFile } from "../disk/content.ts"
import { codeOf, unlessAbsent } from "../disk/disk-error.ts"
import { sideBySide } from "../disk/side-by-side.ts"
import type { Host } from "../host.ts"
import type { Layout } from "../layout.ts"
import { type BackupManifest, type Entry, snapshotSchema } from "./manifest.ts"

/** The first version of a file that was ever replaced here: the customer's own, kept for ever (DESIGN invariant 6). */
export const originalSchema = z.object({
	format: z.literal(1),
	destination: z.string(),
	path: z.string(),
	snapshot: snapshotSchema,
	run: z.string(),
	at: z.string(),
})
export type Original = z.infer<typeof originalSchema>

/** Pins what an applied pool replaced, unless an earlier one is pinned. May be cut short and repeated. */
export async function pinOriginals(host: Host, layout: Layout, manifest: BackupManifest): Promise<void> {
	const pinned = await sideBySide(manifest.entries, (entry) => pinOriginal(host, layout, manifest, entry))
	if (pinned.includes(true)) await host.disk.syncFolder(layout.originals)
}

/** The customer's original of a file, by its path without links; undefined when we never replaced it. */
export async function readOriginal(host: Host, layout: Layout, path: string): Promise<Original | undefined> {
	const bytes = await readSmallFile(host, originalPath(host, layout, path))
	return bytes && originalSchema.parse(JSON.parse(new TextDecoder().decode(bytes)))
}

async function pinOriginal(host: Host, layout: Layout, manifest: BackupManifest, entry: Entry): Promise<boolean> {
	const name = originalPath(host, layout, entry.path)
	if (await host.disk.lstat(name)) return false
	const { destination, path, before } = entry
	const carrier = `${name}.attributes`
	const snapshot =
		before.kind === "file" && before.attributes ? { ...before, attributes: { ...before.attributes, carrier } } : before
	if (before.kind === "file" && before.attributes) await linkOnce(host, before.attributes.carrier, carrier)
	const original: Original = { format: 1, destination, path, snapshot, run: manifest.run, at: manifest.at }
	const aside = `${name}.new`
	await unlessAbsent(host.disk.remove(aside))
	await withFile(host.disk.open(aside, "create", 0o600), async (file) => {
		await file.write(new TextEncoder().encode(JSON.stringify(original)), 0)
		await file.sync()
	})
	await host.disk.rename(aside, name)
	return true
}

async function linkOnce(host: Host, from: string, to: string): Promise<void> {
	try {
		await host.disk.link(from, to)
	} catch (error) {
		if (codeOf(error) !== "EEXIST") throw error
	}
}

function originalPath(host: Host, layout: Layout, path: string): string {
	const hash = host.createHash()
	hash.update(new TextEncoder().encode(path))
	return `${layout.originals}/${hash.digest()}.json`
}
