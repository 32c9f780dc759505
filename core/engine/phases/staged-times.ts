import { inFolderOf } from "../disk/held-folder.ts"
import { folderOf } from "../disk/path.ts"
import type { Host } from "../host.ts"
import { type Placement, timesOf } from "./place-file.ts"

/** Gives staged files of one folder the times they shall keep, all at once. */
export async function setStagedTimes(host: Host, files: Placement[]): Promise<void> {
	const timed = files.filter((file) => file.times && !file.inPlace)
	const [first] = timed
	if (!first) return
	await inFolderOf(host, first.path, ({ at }) => host.disk.setTimes(timed.map((file) => timesOf(file, at(file.temp)))))
}

export function byFolder(files: Placement[]): Placement[][] {
	const folders = new Map<string, Placement[]>()
	for (const file of files) {
		const folder = folderOf(file.path)
		folders.set(folder, [...(folders.get(folder) ?? []), file])
	}
	return [...folders.values()]
}
