import { findUnsoundCarriers } from "../backup/carriers.ts"
import type { PoolWork } from "../pool/pool-work.ts"

/** Attributes of a state from before must be those that were backed up, like its content. */
export async function carrierFaults({ scope, pool, changes }: PoolWork): Promise<string[]> {
	const { host, layout, run } = scope
	const snapshots = changes.flatMap(({ wanted }) => (wanted.kind === "snapshot" ? [wanted.snapshot] : []))
	const unsound = await findUnsoundCarriers(host, snapshots, `${layout.run(run).folder}/find-${pool}`)
	return changes.flatMap(({ destination, wanted }) => {
		const carrier = wanted.kind === "snapshot" ? wanted.snapshot.attributes?.carrier : undefined
		if (carrier === undefined || !unsound.has(carrier)) return []
		return [`the backed up attributes for ${destination} are missing or damaged`]
	})
}
