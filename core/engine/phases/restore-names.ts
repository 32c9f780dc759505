import type { Entry } from "../backup/manifest.ts"
import { codeOf, unlessAbsent } from "../disk/disk-error.ts"
import { folderOf, join, nameOf } from "../disk/path.ts"
import type { Host } from "../host.ts"

/** A link that was at the destination and that something replaced meanwhile. */
export async function restoreLink(host: Host, { destination, link, temp }: Entry): Promise<void> {
	if (link === undefined || (await hasLink(host, destination, link))) return
	const aside = join(folderOf(destination), nameOf(temp))
	await unlessAbsent(host.disk.remove(aside))
	await host.disk.makeLink(link, aside)
	await host.disk.rename(aside, destination)
}

export async function hasLink(host: Host, path: string, link: string): Promise<boolean> {
	return (await host.disk.lstat(path))?.kind === "link" && (await host.disk.readLink(path)) === link
}

/** Folders that the pool made, innermost first; one that something else was put into stays. */
export async function removeMade(host: Host, makes: string[]): Promise<void> {
	for (const folder of [...makes].sort().reverse()) {
		try {
			await unlessAbsent(host.disk.removeFolder(folder))
		} catch (error) {
			if (codeOf(error) !== "ENOTEMPTY" && codeOf(error) !== "EEXIST") throw error
			continue
		}
		const parent = folderOf(folder)
		if (await host.disk.lstat(parent)) await host.disk.syncFolder(parent)
	}
}
