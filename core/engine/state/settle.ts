import { pinOriginals } from "../backup/originals.ts"
import { hasLeftFiles } from "../backup/pool-end.ts"
import { createReserve } from "../disk/reserve.ts"
import type { Host } from "../host.ts"
import type { JournalRecord } from "../journal/records.ts"
import type { Layout } from "../layout.ts"
import { addRun, type EngineState } from "./state.ts"
import { readManifests, writeState } from "./state-file.ts"

/**
 * Draws a run's consequences: originals of files that a pool may have left replaced are pinned, state written. From the
 * journal alone and repeatable, so that recovery does exactly the same for a run that died before or in the middle of it.
 */
export async function settleRun(
	host: Host,
	layout: Layout,
	state: EngineState,
	records: readonly JournalRecord[],
): Promise<EngineState> {
	const open = records[0]
	if (open?.type !== "run-open") return state
	// No pool goes back any more; what follows may need the room. Where it cannot be removed, only room is lost.
	await createReserve(host, layout.run(open.run).folder)
		.remove()
		.catch(() => {})
	const manifests = await readManifests(host, layout, open.run, records)
	for (const record of records) {
		const isLeft = record.type === "pool-closed" && hasLeftFiles({ kind: open.kind, outcome: record.outcome })
		const manifest = isLeft ? manifests.get(record.pool) : undefined
		if (manifest) await pinOriginals(host, layout, manifest)
	}
	const next = addRun(state, records, (pool) => manifests.get(pool))
	await writeState(host, layout, next)
	return next
}
