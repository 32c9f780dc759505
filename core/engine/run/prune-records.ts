import { addGone, type Gone, isGone } from "../chain/link.ts"
import { findRecord, isSealed, lowestAboveFirst, readSeals, sealOf } from "../chain/read-chain.ts"
import { unlessAbsent } from "../disk/disk-error.ts"
import { sideBySide } from "../disk/side-by-side.ts"
import type { Host } from "../host.ts"
import { readJournal } from "../journal/journal.ts"
import { byTurn } from "../journal/records.ts"
import type { Layout } from "../layout.ts"
import { readRunNames } from "../run-names.ts"
import { readCheckpoint, writeCheckpoint } from "../state/checkpoint.ts"
import { readState } from "../state/state-file.ts"
import { isClosed } from "./find-hot-runs.ts"

export interface KeptRecords {
	/** Runs whose events, with all output, are kept; of older ones the record and the journal stay. */
	withOutput: number
	/** Of these, events beyond so many bytes go too, the newest run's never. */
	outputBytes: number
	/** Runs that are kept at all, each with its receipt, besides those whose backups still are. */
	runs: number
	/** Of these, what has no output any more and lies beyond so many bytes of records goes too. */
	recordBytes: number
	/** Looked at only when so many runs have ended since the last time. */
	slack: number
}

const KEPT: KeptRecords = { withOutput: 200, outputBytes: 512 << 20, runs: 2000, recordBytes: 128 << 20, slack: 20 }

/**
 * Keeps the records of runs bounded. Only ever called after a run's end record, under the lock. The checkpoint is on disk
 * before anything goes that it stands for; cut short anywhere, the next time does the rest.
 */
export async function pruneRecords(host: Host, layout: Layout, kept = KEPT): Promise<void> {
	const names = await readRunNames(host, layout)
	const checkpoint = await readCheckpoint(host, layout)
	const before = checkpoint?.runs ?? []
	const known = new Set(before)
	const unknown = names.filter((name) => !known.has(name))
	if (unknown.length < kept.slack) return
	const present = new Set(names)
	const runs = [...before.filter((run) => present.has(run)), ...(await findEnded(host, layout, unknown))]
	const newestFirst = [...runs].reverse()
	const backedUp = await findBackedUp(host, layout)
	const old = (await findOld(host, layout, newestFirst, kept)).filter((run) => !backedUp.has(run))
	const { state } = await readState(host, layout)
	const { seals, head = null } = await readSeals(host, layout, checkpoint)
	const unknownBefore = checkpoint?.gone ? checkpoint.unknownBefore : lowestAboveFirst(seals)
	const { gone, leaving } = await findLeaving(host, layout, checkpoint?.gone ?? [], old)
	await writeCheckpoint(host, layout, {
		format: 1,
		state,
		runs,
		head,
		gone,
		...(unknownBefore === undefined ? {} : { unknownBefore }),
	})
	await removeOutput(host, layout, newestFirst, kept)
	for (const run of leaving) await removeRun(host, layout, run)
}

/**
 * Those of the old runs that may go, and what joins the records that stay. A run whose record is not the one that its
 * journal names stays, for a person to see; so does one that cannot be read.
 */
async function findLeaving(
	host: Host,
	layout: Layout,
	before: Gone[],
	old: string[],
): Promise<{ gone: Gone[]; leaving: string[] }> {
	let gone = before
	const leaving: string[] = []
	for (const run of old) {
		const found = await readChained(host, layout, run).catch(() => undefined)
		if (!found) continue
		const { seal, record } = found
		if (seal && isSealed(record, seal) && record.link) gone = addGone(gone, record.link, seal.digest)
		// Older runners' records have no number. One that is gone already: the last tidying up was cut short.
		const number = seal?.number ?? record?.link?.number
		if (number === undefined || isGone(gone, number)) leaving.push(run)
	}
	return { gone, leaving }
}

async function readChained(host: Host, layout: Layout, run: string) {
	return {
		seal: sealOf(await readJournal(host, layout.run(run).journal)),
		record: await findRecord(host, layout, run),
	}
}

/** Those that will never be open again, oldest first. */
async function findEnded(host: Host, layout: Layout, runs: string[]): Promise<string[]> {
	const looked = await sideBySide(runs, async (run) => {
		// One that cannot be read may be open.
		const records = await readJournal(host, layout.run(run).journal).catch(() => [])
		const open = records?.[0]
		return { run, open: open?.type === "run-open" ? open : { at: "" }, isOver: !records || isClosed(records) }
	})
	const ended = looked.filter(({ isOver }) => isOver).sort((a, b) => byTurn(a.open, b.open))
	return ended.map(({ run }) => run)
}

async function removeOutput(host: Host, layout: Layout, runs: string[], kept: KeptRecords): Promise<void> {
	const sizes = await sideBySide(runs, async (run) => (await host.disk.lstat(layout.run(run).events))?.size)
	let bytes = 0
	for (const [index, run] of runs.entries()) {
		const size = sizes[index]
		bytes += size ?? 0
		const isKept = index < kept.withOutput && (bytes <= kept.outputBytes || index === 0)
		if (size !== undefined && !isKept) await unlessAbsent(host.disk.remove(layout.run(run).events))
	}
}

async function findOld(host: Host, layout: Layout, runs: string[], kept: KeptRecords): Promise<string[]> {
	const sizes = await sideBySide(runs, async (run) => (await host.disk.lstat(layout.run(run).record))?.size ?? 0)
	let bytes = 0
	return runs.filter((_, index) => {
		bytes += sizes[index] ?? 0
		return index >= kept.runs || (index >= kept.withOutput && bytes > kept.recordBytes)
	})
}

/** A backup's run says how its pool ended, and what stood there before. */
async function findBackedUp(host: Host, layout: Layout): Promise<Set<string>> {
	const pools = (await host.disk.readFolder(layout.pools)) ?? []
	return new Set(
		(await sideBySide(pools, (pool) => host.disk.readFolder(layout.pool(pool)))).flatMap((runs) => runs ?? []),
	)
}

/** A journal that says nothing, though it is there, stays: nobody knows what it once said. */
async function removeRun(host: Host, layout: Layout, run: string): Promise<void> {
	const { folder, journal, receipt } = layout.run(run)
	const records = await readJournal(host, journal)
	if (records ? !isClosed(records) : await host.disk.lstat(journal)) return
	await unlessAbsent(host.disk.remove(receipt))
	await host.disk.removeTree(folder)
}
