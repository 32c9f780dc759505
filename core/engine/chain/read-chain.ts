import { z } from "zod"
import { readSmallFile } from "../disk/content.ts"
import { digestOf } from "../disk/digest.ts"
import { parseJson } from "../disk/parse-json.ts"
import { sideBySide } from "../disk/side-by-side.ts"
import type { Host } from "../host.ts"
import { readJournal } from "../journal/journal.ts"
import type { JournalRecord } from "../journal/records.ts"
import type { Layout } from "../layout.ts"
import { readRunNames } from "../run-names.ts"
import type { Checkpoint } from "../state/checkpoint.ts"
import { type Link, linkSchema, type Seal } from "./link.ts"

const chainedSchema = z.object({ link: linkSchema })

/** A run's record as it lies there, and what it says of the one before it; older runners' say nothing. */
export interface FoundRecord {
	digest: string
	link?: Link
}

export async function findRecord(host: Host, layout: Layout, run: string): Promise<FoundRecord | undefined> {
	const bytes = await readSmallFile(host, layout.run(run).record)
	if (!bytes) return undefined
	const link = parseJson(chainedSchema, bytes)?.link
	return { digest: digestOf(host, bytes), ...(link ? { link } : {}) }
}

/** Whether a record is the one that its run's journal names. */
export function isSealed(record: FoundRecord | undefined, { number, digest }: Seal): record is FoundRecord {
	return record?.digest === digest && record.link?.number === number
}

/** What a journal says of its run's record; undefined before its end, and from older runners. */
export function sealOf(records: readonly JournalRecord[] = []): Seal | undefined {
	return records.find((record) => record.type === "run-closed")?.seal
}

/**
 * The seals that the checkpoint does not know, and the highest of all. Older runners' checkpoints know of none. `isWhole`: every
 * journal could be read; else there may be a higher one.
 */
export async function readSeals(
	host: Host,
	layout: Layout,
	checkpoint: Checkpoint | undefined,
): Promise<{ seals: Seal[]; isWhole: boolean; head?: Seal }> {
	const known = new Set(checkpoint?.head === undefined ? [] : checkpoint.runs)
	const names = await readRunNames(host, layout)
	const unknown = names.filter((name) => !known.has(name))
	const read = await sideBySide(unknown, (run) => readSeal(host, layout, run))
	const seals = read.flatMap((seal) => (seal === "unreadable" ? [] : (seal ?? [])))
	const head = highest(seals, checkpoint?.head ?? undefined)
	return { seals, isWhole: !read.includes("unreadable"), ...(head ? { head } : {}) }
}

/** No other run's end may fail for a journal that cannot be read (`verifyHistory` tells). */
async function readSeal(host: Host, layout: Layout, run: string): Promise<Seal | undefined | "unreadable"> {
	try {
		return sealOf(await readJournal(host, layout.run(run).journal))
	} catch {
		return "unreadable"
	}
}

/** Where the records begin, when that is not with the first one. */
export function lowestAboveFirst(seals: readonly Seal[]): number | undefined {
	const lowest = seals.reduce((low, { number }) => Math.min(low, number), Number.POSITIVE_INFINITY)
	return lowest > 1 && lowest < Number.POSITIVE_INFINITY ? lowest : undefined
}

export function highest(seals: readonly Seal[], other?: Seal): Seal | undefined {
	return seals.reduce<Seal | undefined>((high, seal) => (high && high.number > seal.number ? high : seal), other)
}
