import type { HistoryRun } from "../../schema/history.ts"
import { writeFileAtomic } from "../disk/atomic-file.ts"
import { digestOf } from "../disk/digest.ts"
import type { Host } from "../host.ts"
import type { Layout } from "../layout.ts"
import { readCheckpoint } from "../state/checkpoint.ts"
import type { Link, Seal } from "./link.ts"
import { findRecord, readSeals } from "./read-chain.ts"

/**
 * Writes a run's record as the next one of the chain; the end of the run's journal must say what is returned. Undefined where
 * nobody can tell which number is the next: then it is in no chain.
 */
export async function writeRecord(host: Host, layout: Layout, history: HistoryRun): Promise<Seal | undefined> {
	const link = await findLink(host, layout, history.run)
	const text = JSON.stringify({ ...history, ...(link ? { link } : {}) })
	await writeFileAtomic(host, layout.run(history.run).record, text)
	return link && { number: link.number, digest: digestOf(host, text) }
}

/**
 * A record that is there already keeps its place: its journal's end may have been in memory only, when the run after it
 * read that and went on from there, and may be lost since.
 */
async function findLink(host: Host, layout: Layout, run: string): Promise<Link | undefined> {
	const checkpoint = await readCheckpoint(host, layout)
	const { seals, isWhole, head } = await readSeals(host, layout, checkpoint)
	const kept = (await findRecord(host, layout, run))?.link
	const isFree = (number: number) =>
		number > (checkpoint?.head?.number ?? 0) && !seals.some((seal) => seal.number === number)
	if (kept && isFree(kept.number)) return kept
	if (!isWhole) return undefined
	return head ? { number: head.number + 1, previous: head.digest } : { number: 1 }
}
