import type { Destination } from "../change.ts"
import { findExposed } from "../disk/exposed.ts"
import { folderOf } from "../disk/path.ts"
import { sideBySide } from "../disk/side-by-side.ts"
import type { Host } from "../host.ts"

/** Warnings of folders that others can exchange under a pool: it then goes back as far as it can, and is degraded. */
export async function exposedWarnings(host: Host, destinations: Destination[]): Promise<string[]> {
	const places = destinations.flatMap(({ path, linkPath }) => (linkPath === undefined ? [path] : [path, linkPath]))
	const folders = [...new Set(places.map(folderOf))]
	const exposed = await sideBySide(folders, (folder) => findExposed(host, folder))
	return [...new Set(exposed)].flatMap((folder) =>
		folder === undefined
			? []
			: [
					`others on the appliance can exchange what lies in ${folder} while the pool is applied: not only root owns it or may write to it`,
				],
	)
}
