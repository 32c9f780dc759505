import { z } from "zod"
import type { HistoryRun } from "./history.ts"
import { digestSchema } from "./manifest.ts"

/** The newest record of an appliance's history that this desktop has seen. */
export const pastHeadSchema = z.object({
	number: z.number().int().positive(),
	digest: digestSchema,
	/** Of its run. */
	turn: z.number().optional(),
	seenAt: z.string(),
})
export type PastHead = z.infer<typeof pastHeadSchema>

/** In what an appliance's history is not the one that was seen. Numbers are those of records. */
export const pastFaultSchema = z.discriminatedUnion("kind", [
	/** That record is another one now. */
	z.object({ kind: z.literal("changed"), number: z.number() }),
	/** That record is not there, and later ones are. */
	z.object({ kind: z.literal("missing"), number: z.number() }),
	/** It ends before the newest that was seen; `newest` is absent where there is none at all. */
	z.object({ kind: z.literal("shorter"), newest: z.number().optional() }),
])
export type PastFault = z.infer<typeof pastFaultSchema>

/** What a desktop remembers of an appliance's history; of one that it never fetched, nothing. */
export const pastSchema = z.object({
	head: pastHeadSchema,
	/** Records that are not there, or that the one behind them does not follow, as a person knows. */
	known: z.array(z.number()).default([]),
	fault: pastFaultSchema.optional(),
})
export type Past = z.infer<typeof pastSchema>

/** What an appliance tells of its runs. */
export interface ToldHistory {
	/** The newest ones, in any order. */
	runs: readonly HistoryRun[]
	/** It has no others, or as many as are ever asked for were. */
	isWhole: boolean
	/** Runs whose record may be written once more: it has its place, and its bytes say nothing yet. */
	unsettled?: readonly string[]
}

type Sealed = HistoryRun & { seal: NonNullable<HistoryRun["seal"]> }
type Place = Pick<PastHead, "number" | "turn">
type PlacedFault = Exclude<PastFault, { kind: "shorter" }>
interface Records {
	isWhole: boolean
	/** All that are told, by number. */
	placed: Sealed[]
	/** Those whose bytes stay as they are. */
	settled: Sealed[]
	/** How many of the told runs are newer than this record; those in no chain that have no turn are an older runner's. */
	countAfter(record: Place): number
}

/** Runs that no appliance tidies away: a record that is missing among them was removed. */
const ALWAYS_KEPT = 200
/** Records that a person is remembered to know of at most. */
const MAX_KNOWN = 1000

/**
 * Holds what an appliance tells of its runs against what was remembered of them, and each record against the one behind it.
 * `unclear`: the newest runs alone do not say, all of them would. While there is a fault the remembered head stays, and only a
 * whole history in which it has its place ends that. What lies before the newest 200 runs may have been tidied away; runs in no
 * chain are not looked at.
 */
export function comparePast(past: Past | undefined, told: ToldHistory, at: string): Past | undefined | "unclear" {
	if (past?.fault && !told.isWhole) return past
	const records = recordsOf(told)
	const newest = records.settled.at(-1)
	const { known = [], head } = past ?? {}
	const fault = (head && faultOf(head, records)) ?? findFaults(records).find(({ number }) => !known.includes(number))
	if (!told.isWhole && (fault ? fault.kind !== "changed" : isApart(head, records))) return "unclear"
	if (fault && past) return { head: past.head, known, fault }
	if (!newest || isBefore(newest, head) || !isCleared(past, records)) return past
	return { head: headOf(newest, at), known, ...(fault && { fault }) }
}

/** A remembered head never goes down: what is behind it could be written anew. */
function isBefore({ seal }: Sealed, head: PastHead | undefined): boolean {
	return head !== undefined && seal.number < head.number
}

/** Whether what was wrong is as it was again. */
function isCleared(past: Past | undefined, { placed, settled }: Records): boolean {
	if (!past?.fault) return true
	const { head, fault } = past
	const isThere = settled.some(({ seal }) => seal.number === head.number && seal.digest === head.digest)
	return isThere && (fault.kind === "shorter" || placed.some(({ seal }) => seal.number === fault.number))
}

/** What is told now is what will be remembered, whatever was seen before. */
export function acceptPast(told: ToldHistory, at: string): Past | undefined {
	const records = recordsOf(told)
	const newest = records.settled.at(-1)
	const known = findFaults(records).map(({ number }) => number)
	return newest && { head: headOf(newest, at), known: known.slice(-MAX_KNOWN) }
}

function recordsOf({ runs, isWhole, unsettled = [] }: ToldHistory): Records {
	const sealed = runs.filter((one): one is Sealed => one.seal !== undefined)
	const placed = sealed.sort((a, b) => a.seal.number - b.seal.number)
	return {
		...{ isWhole, placed },
		settled: placed.filter(({ run }) => !unsettled.includes(run)),
		countAfter: ({ number, turn = 0 }) =>
			runs.filter((run) => (run.seal ? run.seal.number > number : (run.turn ?? 0) > turn)).length,
	}
}

function headOf({ turn, seal: { number, digest } }: Sealed, seenAt: string): PastHead {
	return { number, digest, ...(turn !== undefined && { turn }), seenAt }
}

/** Whether nothing that is told touches the remembered record. */
function isApart(head: PastHead | undefined, { settled }: Records): boolean {
	if (!head) return false
	return !settled.some(({ seal }) => seal.number === head.number || seal.number === head.number + 1)
}

function faultOf(seen: PastHead, records: Records): PastFault | undefined {
	const { placed, settled } = records
	const newest = placed.at(-1)?.seal.number
	if (newest === undefined || newest < seen.number) {
		const isCut = records.countAfter(seen) < ALWAYS_KEPT
		return isCut ? { kind: "shorter", ...(newest !== undefined && { newest }) } : undefined
	}
	const same = placed.filter(({ seal }) => seal.number === seen.number)
	const next = settled.find(({ seal }) => seal.number === seen.number + 1)
	const isOther = same.length > 0 && same.every(({ seal }) => seal.digest !== seen.digest)
	const isChanged = isOther || (next !== undefined && next.seal.previous !== seen.digest)
	if (isChanged) return { kind: "changed", number: seen.number }
	// What is told in part may begin behind it.
	const isGone = same.length === 0 && records.isWhole && records.countAfter(seen) < ALWAYS_KEPT
	return isGone ? { kind: "missing", number: seen.number } : undefined
}

/** Where a record is not there, or the one behind it does not follow it. */
function findFaults({ placed, settled, countAfter }: Records): PlacedFault[] {
	return placed.flatMap((one, index): PlacedFault[] => {
		const next = placed[index + 1]
		if (!next) return []
		const { number, digest } = one.seal
		if (next.seal.number > number + 1) return findMissing(one, next, countAfter)
		const isOther = next.seal.number === number || next.seal.previous !== digest
		return isOther && settled.includes(one) && settled.includes(next) ? [{ kind: "changed", number }] : []
	})
}

/** What is not there between two records, unless it may have been tidied away. */
function findMissing({ turn, seal }: Sealed, next: Sealed, countAfter: Records["countAfter"]): PlacedFault[] {
	const last = { number: next.seal.number - 1, ...(turn !== undefined && { turn }) }
	if (countAfter(last) >= ALWAYS_KEPT) return []
	const count = Math.min(last.number - seal.number, ALWAYS_KEPT)
	return Array.from({ length: count }, (_, index) => ({ kind: "missing", number: seal.number + 1 + index }))
}

/** The same in words: what is so, and what to do. */
export function describePast({ head, fault }: Past, name: string): { title: string; next: string } | undefined {
	if (!fault) return undefined
	const had = `and had record ${head.number}`
	if (fault.kind === "changed")
		return {
			title: `Record ${fault.number} in the history of ${name} is not the one that was there`,
			next: "It was restored from a backup or set up anew and went on, another machine answers at its address, or somebody changed it.",
		}
	if (fault.kind === "missing")
		return {
			title: `Record ${fault.number} in the history of ${name} is not there, and later ones are`,
			next: "It was set up anew and went on, another machine answers at its address, or somebody removed or changed it.",
		}
	return {
		title:
			fault.newest === undefined
				? `${name} has no history any more, ${had}`
				: `The history of ${name} ends with record ${fault.newest}, ${had}`,
		next: "It was restored from a backup, set up anew or replaced, or somebody removed what was at its end.",
	}
}
