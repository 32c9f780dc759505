import { pinOriginals } from "../backup/originals.ts"
import type { Host } from "../host.ts"
import type { JournalRecord } from "../journal/records.ts"
import type { Layout } from "../layout.ts"
import { addRun, type EngineState } from "./state.ts"
import { readManifests, writeState } from "./state-file.ts"

/**
 * Draws a run's consequences: originals of applied pools pinned, state written. From the journal alone and repeatable,
 * so that recovery does exactly the same for a run that died before or in the middle of it.
 */
export async function settleRun(
	host: Host,
	layout: Layout,
	state: EngineState,
	records: readonly JournalRecord[],
): Promise<EngineState> {
	const open = records[0]
	if (open?.type !== "run-open") return state
	const manifests = await readManifests(host, layout, open.run, records)
	for (const record of records) {
		const isApplied = record.type === "pool-closed" && record.outcome === "applied" && open.kind === "apply"
		const manifest = isApplied ? manifests.get(record.pool) : undefined
		if (manifest) await pinOriginals(host, layout, manifest)
	}
	const next = addRun(state, records, (pool) => manifests.get(pool))
	await writeState(host, layout, next)
	return next
}
