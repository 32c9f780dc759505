import type { Host } from "../host.ts"
import { withFile } from "./content.ts"
import { unlessAbsent } from "./disk-error.ts"
import { folderOf } from "./path.ts"

/**
 * Replaces a file of the engine's own so that, whatever happens, either the old or the new content is there: written
 * aside, synced, renamed, folder synced. Private to its owner.
 */
export async function writeFileAtomic(host: Host, path: string, content: string | Uint8Array): Promise<void> {
	const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content
	const temp = `${path}.new`
	await unlessAbsent(host.disk.remove(temp))
	await withFile(host.disk.open(temp, "create", 0o600), async (file) => {
		await file.write(bytes, 0)
		await file.sync()
	})
	await host.disk.rename(temp, path)
	await host.disk.syncFolder(folderOf(path))
}
