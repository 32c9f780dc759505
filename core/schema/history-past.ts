import { z } from "zod"
import type { HistoryRun } from "./history.ts"
import { digestSchema } from "./manifest.ts"

/** The newest record of an appliance's history that this desktop has seen. */
export const pastHeadSchema = z.object({
	run: z.string(),
	number: z.number().int().positive(),
	digest: digestSchema,
	seenAt: z.string(),
})
export type PastHead = z.infer<typeof pastHeadSchema>

/** In what an appliance's history is not the one that was seen. Numbers are those of records. */
export const pastFaultSchema = z.discriminatedUnion("kind", [
	/** That record is another one now. */
	z.object({ kind: z.literal("changed"), number: z.number() }),
	/** It ends before the newest that was seen; `newest` is absent where there is none at all. */
	z.object({ kind: z.literal("shorter"), newest: z.number().optional() }),
])
export type PastFault = z.infer<typeof pastFaultSchema>

/** What a desktop remembers of an appliance's history; of one that it never fetched, nothing. */
export const pastSchema = z.object({
	head: pastHeadSchema,
	/** Records that the one behind them does not follow, as a person knows. */
	known: z.array(z.number()).default([]),
	fault: pastFaultSchema.optional(),
})
export type Past = z.infer<typeof pastSchema>

type Sealed = HistoryRun & { seal: NonNullable<HistoryRun["seal"]> }

/**
 * Holds what an appliance tells of its runs (the newest ones, in any order) against what was remembered of them, and each record
 * against the one behind it. While there is a fault the remembered head stays. Records between the remembered one and those that
 * were told are not looked at; nor are runs in no chain.
 */
export function comparePast(past: Past | undefined, runs: readonly HistoryRun[], at: string): Past | undefined {
	const sealed = inOrder(runs)
	const newest = sealed.at(-1)
	const { known = [], head } = past ?? {}
	const broken = findBreaks(sealed).find((number) => !known.includes(number))
	const fault: PastFault | undefined =
		(head && faultOf(head, sealed)) ?? (broken === undefined ? undefined : { kind: "changed", number: broken })
	if (fault && past) return { ...past, fault }
	return newest ? { head: headOf(newest, at), known, ...(fault && { fault }) } : past
}

/** What is told now is what will be remembered, whatever was seen before. */
export function acceptPast(runs: readonly HistoryRun[], at: string): Past | undefined {
	const sealed = inOrder(runs)
	const newest = sealed.at(-1)
	return newest && { head: headOf(newest, at), known: findBreaks(sealed) }
}

function inOrder(runs: readonly HistoryRun[]): Sealed[] {
	const sealed = runs.filter((one): one is Sealed => one.seal !== undefined)
	return sealed.sort((a, b) => a.seal.number - b.seal.number)
}

function headOf({ run, seal: { number, digest } }: Sealed, seenAt: string): PastHead {
	return { run, number, digest, seenAt }
}

function faultOf(seen: PastHead, sealed: Sealed[]): PastFault | undefined {
	const newest = sealed.at(-1)?.seal.number
	if (newest === undefined) return { kind: "shorter" }
	if (newest < seen.number) return { kind: "shorter", newest }
	const same = sealed.filter(({ seal }) => seal.number === seen.number)
	const next = sealed.find(({ seal }) => seal.number === seen.number + 1)
	const isOther = same.length > 0 && same.every(({ seal }) => seal.digest !== seen.digest)
	const isChanged = isOther || (next !== undefined && next.seal.previous !== seen.digest)
	return isChanged ? { kind: "changed", number: seen.number } : undefined
}

/** Records that the one behind them does not follow. Those that are missing may have been tidied away. */
function findBreaks(sealed: Sealed[]): number[] {
	return sealed.flatMap(({ seal }, index) => {
		const next = sealed[index + 1]?.seal
		if (!next || next.number > seal.number + 1) return []
		return next.number === seal.number || next.previous !== seal.digest ? [seal.number] : []
	})
}

/** The same in words: what is so, and what to do. */
export function describePast({ head, fault }: Past, name: string): { title: string; next: string } | undefined {
	if (!fault) return undefined
	const last = `record ${head.number}`
	return fault.kind === "shorter"
		? {
				title:
					fault.newest === undefined
						? `${name} has no history any more, and had ${last}`
						: `The history of ${name} ends with record ${fault.newest}, and had ${last}`,
				next: "It was restored from a backup, set up anew or replaced, or somebody removed what was at its end.",
			}
		: {
				title: `Record ${fault.number} in the history of ${name} is not the one that was there`,
				next: "It was restored from a backup or set up anew and went on, another machine answers at its address, or somebody changed it.",
			}
}
