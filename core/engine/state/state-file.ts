import type { BackupManifest } from "../backup/manifest.ts"
import { readManifest } from "../backup/manifest-file.ts"
import { writeFileAtomic } from "../disk/atomic-file.ts"
import { readSmallFile } from "../disk/content.ts"
import { parseJson } from "../disk/parse-json.ts"
import { sideBySide } from "../disk/side-by-side.ts"
import type { Host } from "../host.ts"
import { readJournal } from "../journal/journal.ts"
import { byTurn, type JournalRecord, type RunOpen } from "../journal/records.ts"
import type { Layout } from "../layout.ts"
import { readRunNames } from "../run-names.ts"
import { readCheckpoint } from "./checkpoint.ts"
import { addRun, type EngineState, emptyState, engineStateSchema } from "./state.ts"

export interface ReadState {
	state: EngineState
	/** The state file was there, but could not be understood. */
	isDamaged: boolean
}

/** What stands here; made again from the checkpoint and the journals since when its file is missing or damaged. Writes nothing. */
export async function readState(host: Host, layout: Layout): Promise<ReadState> {
	const stat = await host.disk.lstat(layout.state)
	if (stat && stat.kind !== "file") return { state: await rebuildState(host, layout), isDamaged: true }
	const bytes = await readSmallFile(host, layout.state)
	const state = bytes && parseJson(engineStateSchema, bytes)
	if (state) return { state, isDamaged: false }
	return { state: await rebuildState(host, layout), isDamaged: bytes !== undefined }
}

/** The same, under the lock: a damaged file is put aside under a new name, and the state that was made again is written. */
export async function readOwnState(host: Host, layout: Layout): Promise<{ state: EngineState; keptAs?: string }> {
	const { state, isDamaged } = await readState(host, layout)
	if (!isDamaged) return { state }
	const keptAs = `${layout.state}.damaged-${host.clock.now()}`
	await host.disk.rename(layout.state, keptAs)
	await writeState(host, layout, state)
	return { state, keptAs }
}

export async function writeState(host: Host, layout: Layout, state: EngineState): Promise<void> {
	await writeFileAtomic(host, layout.state, JSON.stringify(state))
}

/** Every journal of this appliance, oldest run first. */
export async function readJournals(host: Host, layout: Layout): Promise<{ open: RunOpen; records: JournalRecord[] }[]> {
	const runs = await readRunNames(host, layout)
	const journals = await sideBySide(runs, async (run) => {
		const records = await readJournal(host, layout.run(run).journal)
		const open = records?.[0]
		return records && open?.type === "run-open" ? [{ open, records }] : []
	})
	return journals.flat().sort((a, b) => byTurn(a.open, b.open))
}

/** The manifests of the backups that a run completed, by pool. A damaged one is left out. */
export async function readManifests(
	host: Host,
	layout: Layout,
	run: string,
	records: readonly JournalRecord[],
): Promise<Map<string, BackupManifest>> {
	const manifests = new Map<string, BackupManifest>()
	for (const record of records) {
		if (record.type !== "backup-complete") continue
		const read = await readManifest(host, layout, record.pool, run, record.manifest)
		if ("manifest" in read) manifests.set(record.pool, read.manifest)
	}
	return manifests
}

/** What stood here before a pool was run, drawn from the journals. */
export async function readStateBefore(host: Host, layout: Layout, run: string, pool: string): Promise<EngineState> {
	const journals = await readJournals(host, layout)
	const at = journals.findIndex(({ open }) => open.run === run)
	const before = at < 0 ? journals : journals.slice(0, at)
	const [own] = at < 0 ? [] : journals.slice(at, at + 1)
	const until = own?.records.findIndex((record) => record.type === "pool-open" && record.pool === pool) ?? -1
	const begun = own && until > 0 ? [{ open: own.open, records: own.records.slice(0, until) }] : []
	return addRuns(host, layout, [...before, ...begun])
}

async function rebuildState(host: Host, layout: Layout): Promise<EngineState> {
	const checkpoint = await readCheckpoint(host, layout)
	const drawn = new Set(checkpoint?.runs)
	const journals = (await readJournals(host, layout)).filter(({ open }) => !drawn.has(open.run))
	return addRuns(host, layout, journals, checkpoint?.state)
}

async function addRuns(
	host: Host,
	layout: Layout,
	runs: { open: RunOpen; records: JournalRecord[] }[],
	before = emptyState(),
): Promise<EngineState> {
	let state = before
	for (const { open, records } of runs) {
		const manifests = await readManifests(host, layout, open.run, records)
		state = addRun(state, records, (pool) => manifests.get(pool))
	}
	return state
}
