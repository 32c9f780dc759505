import { findAttributes } from "../backup/find-attributes.ts"
import { withFile } from "../disk/content.ts"
import { openIn } from "../disk/held-folder.ts"
import { folderOf, join } from "../disk/path.ts"
import { sideBySide } from "../disk/side-by-side.ts"
import type { Host } from "../host.ts"
import type { Placement } from "./place-file.ts"
import { byFolder } from "./staged-times.ts"

/**
 * Takes from staged files the ACLs that their folder gives to every new file, where the file they replace has none. Done
 * between staging and its sync. `scratch` lies in a folder of the engine's own that is there.
 */
export async function shedInherited(host: Host, files: Placement[], scratch: string): Promise<void> {
	const plain = files.filter((file) => file.isPlain && !file.inPlace)
	// One file of a folder tells what the folder gives.
	const probes = byFolder(plain).flatMap(([file]) => (file ? [file.temp] : []))
	const found = await findAttributes(host, probes, `${scratch}/find`)
	const giving = new Set([...found].filter(([, { digest }]) => digest !== undefined).map(([path]) => folderOf(path)))
	if (giving.size === 0) return
	const empty = join(scratch, "plain")
	await withFile(host.disk.open(empty, "append", 0o600), async () => {})
	const clad = plain.filter(({ path }) => giving.has(folderOf(path)))
	await sideBySide(clad, (file) =>
		withFile(openIn(host, file.temp), async (open) => {
			await host.attributes.give(empty, open.path)
			await open.setMode(file.mode)
		}),
	)
	await host.disk.remove(empty)
}
