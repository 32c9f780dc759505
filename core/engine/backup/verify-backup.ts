import { hashOpen, withFile } from "../disk/content.ts"
import { meaningOf } from "../disk/disk-error.ts"
import { lstatIn, openIn } from "../disk/held-folder.ts"
import { sideBySide } from "../disk/side-by-side.ts"
import type { FileStat, Host } from "../host.ts"
import type { Layout } from "../layout.ts"
import { hasLink, tempsOf } from "../phases/restore-names.ts"
import { findAttributes } from "./find-attributes.ts"
import { compareFolders } from "./folders.ts"
import type { BackupManifest, Entry, FileSnapshot } from "./manifest.ts"

/** Times are set to the microsecond where the appliance's tools can do no better. */
const TIME_TOLERANCE_NS = 1000n

/**
 * Compares every destination with the backup; a sentence for each difference, none when all are exactly as before. Of those
 * at a path in `left` only nothing of ours may be left over.
 */
export async function verifyBackup(
	host: Host,
	layout: Layout,
	whole: BackupManifest,
	left: ReadonlySet<string>,
): Promise<string[]> {
	const manifest = { ...whole, entries: whole.entries.filter(({ path }) => !left.has(path)) }
	const differences = await sideBySide(whole.entries, (entry) =>
		(left.has(entry.path) ? findLeftOver(host, entry) : compareEntry(host, entry)).catch((error: unknown) => [
			`cannot look at ${entry.destination}: ${meaningOf(error)}`,
		]),
	)
	const folders = await compareFolders(host, manifest)
	return [...differences.flat(), ...folders, ...(await compareAttributes(host, layout, manifest).catch(cannotCompare))]
}

function cannotCompare(error: unknown): string[] {
	return [`cannot look at extended attributes and ACLs: ${meaningOf(error)}`]
}

async function compareEntry(host: Host, entry: Entry): Promise<string[]> {
	const { destination, path, before, link } = entry
	const differences: string[] = []
	if (link !== undefined && !(await hasLink(host, entry.linkPath ?? destination, link))) {
		differences.push(`${destination} is no longer a link to ${link}`)
	}
	differences.push(...(await findLeftOver(host, entry)))
	const stat = await lstatIn(host, path)
	if (before.kind === "absent") return stat ? [...differences, `${destination} is still there`] : differences
	if (stat?.kind !== "file") return [...differences, `${destination} is missing`]
	return withFile(openIn(host, path), async (file) => {
		const now = await file.stat()
		// Not hashed when its size tells: whoever owns it can make it as large as any disk.
		const isSame = now.size === before.size && (await hashOpen(host, file)).digest === before.digest
		if (!isSame) differences.push(`${destination} has other content`)
		return [...differences, ...compareStat(destination, await file.stat(), before)]
	})
}

async function findLeftOver(host: Host, entry: Entry): Promise<string[]> {
	const found = await sideBySide(tempsOf(entry), (temp) => lstatIn(host, temp))
	return tempsOf(entry).flatMap((temp, index) => (found[index] ? [`${temp} is left over`] : []))
}

function compareStat(destination: string, stat: FileStat, before: FileSnapshot): string[] {
	const differences: string[] = []
	if (stat.mode !== before.mode)
		differences.push(`${destination} has mode ${octal(stat.mode)}, not ${octal(before.mode)}`)
	if (stat.uid !== before.uid || stat.gid !== before.gid) differences.push(`${destination} has another owner or group`)
	const apart = stat.mtimeNs - BigInt(before.mtimeNs)
	if (apart > TIME_TOLERANCE_NS || apart < -TIME_TOLERANCE_NS) differences.push(`${destination} has another time`)
	return differences
}

async function compareAttributes(host: Host, layout: Layout, manifest: BackupManifest): Promise<string[]> {
	const files = manifest.entries.filter(({ before }) => before.kind === "file")
	if (await host.attributes.missing()) return []
	const found = await findAttributes(
		host,
		files.map(({ path }) => path),
		`${layout.backup(manifest.pool, manifest.run)}/find`,
	)
	return files.flatMap(({ path, destination, before }) => {
		const wanted = before.kind === "file" ? before.attributes?.digest : undefined
		return found.get(path)?.digest === wanted ? [] : [`${destination} has other extended attributes or ACLs`]
	})
}

function octal(mode: number): string {
	return mode.toString(8).padStart(4, "0")
}
