import type { Entry } from "../backup/manifest.ts"
import { codeOf, unlessAbsent } from "../disk/disk-error.ts"
import { inFolderOf, lstatIn } from "../disk/held-folder.ts"
import { folderOf, join, nameOf } from "../disk/path.ts"
import type { Host } from "../host.ts"

/** A link that was at the destination and that something replaced meanwhile; the caller syncs its folder. */
export async function restoreLink(host: Host, { destination, link, linkPath, temp }: Entry): Promise<void> {
	const path = linkPath ?? destination
	if (link === undefined || (await hasLink(host, path, link))) return
	await inFolderOf(host, path, async ({ at }) => {
		const aside = at(temp)
		await unlessAbsent(host.disk.remove(aside))
		await host.disk.makeLink(link, aside)
		await host.disk.rename(aside, at(path))
	})
}

/** What may be left over of writing a destination: beside its file, and beside its link. */
export function tempsOf({ temp, linkPath }: Entry): string[] {
	return linkPath === undefined ? [temp] : [...new Set([temp, join(folderOf(linkPath), nameOf(temp))])]
}

export async function hasLink(host: Host, path: string, link: string): Promise<boolean> {
	if (!(await lstatIn(host, folderOf(path)))) return false
	return inFolderOf(host, path, async ({ at }) => {
		const isLink = (await host.disk.lstat(at(path)))?.kind === "link"
		return isLink && (await host.disk.readLink(at(path))) === link
	})
}

/** Folders that the pool made, innermost first; one that something else was put into stays. */
export async function removeMade(host: Host, makes: string[]): Promise<void> {
	for (const folder of [...makes].sort().reverse()) {
		try {
			await unlessAbsent(
				inFolderOf(host, folder, async (parent) => {
					await unlessAbsent(host.disk.removeFolder(parent.at(folder)))
					await parent.folder.sync()
				}),
			)
		} catch (error) {
			if (codeOf(error) !== "ENOTEMPTY" && codeOf(error) !== "EEXIST") throw error
		}
	}
}
