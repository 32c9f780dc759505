import { sideBySide } from "../disk/side-by-side.ts"
import type { Host } from "../host.ts"
import type { Snapshot } from "./manifest.ts"

/**
 * Carriers that are missing, or do not hold the attributes any more that were taken: by their paths. Nothing can be said
 * where the appliance lacks the tools; whoever gives attributes fails there.
 */
export async function findUnsoundCarriers(host: Host, snapshots: Snapshot[], scratch: string): Promise<Set<string>> {
	const carried = snapshots.flatMap((snapshot) =>
		snapshot.kind === "file" && snapshot.attributes ? [snapshot.attributes] : [],
	)
	if (carried.length === 0 || (await host.attributes.missing())) return new Set()
	const existing = await sideBySide(carried, async ({ carrier }) =>
		(await host.disk.lstat(carrier))?.kind === "file" ? [carrier] : [],
	)
	await host.disk.removeTree(scratch)
	const found = await host.attributes.find([...new Set(existing.flat())], scratch)
	return new Set(carried.flatMap(({ carrier, digest }) => (found.get(carrier) === digest ? [] : [carrier])))
}
