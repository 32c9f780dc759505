import { z } from "zod"
import { digestSchema } from "../../schema/manifest.ts"

const numberSchema = z.number().int().positive()

/**
 * What each run's record says of the one before it: 1, 2, 3 ... in the order in which runs ended, and the SHA-256 of that
 * record, which says the same of the one before it, and so on. Whoever changes one has to change all later ones.
 */
export const linkSchema = z.object({ number: numberSchema, previous: digestSchema.optional() })
export type Link = z.infer<typeof linkSchema>

/** A record by its place and the SHA-256 of its bytes; the last line of the run's journal holds it. */
export const sealSchema = z.object({ number: numberSchema, digest: digestSchema })
export type Seal = z.infer<typeof sealSchema>

/** Records that were tidied away, one after the other: what joins the one before them to the one behind them. */
export const goneSchema = z.object({
	from: numberSchema,
	to: numberSchema,
	/** Of the record before `from`; absent where there was none. */
	previous: digestSchema.optional(),
	/** Of the record `to`. */
	digest: digestSchema,
})
export type Gone = z.infer<typeof goneSchema>

export function isGone(gone: readonly Gone[], number: number): boolean {
	return gone.some(({ from, to }) => from <= number && number <= to)
}

/** The same with one more record; nothing new where it is known already. Sorted by `from`. */
export function addGone(gone: readonly Gone[], { number, previous }: Link, digest: string): Gone[] {
	if (isGone(gone, number)) return [...gone]
	const before = gone.find(({ to }) => to === number - 1)
	const after = gone.find(({ from }) => from === number + 1)
	const first = before ? before.previous : previous
	const joined = {
		from: before?.from ?? number,
		to: after?.to ?? number,
		...(first === undefined ? {} : { previous: first }),
		digest: after?.digest ?? digest,
	}
	const others = gone.filter((range) => range !== before && range !== after)
	return [...others, joined].sort((a, b) => a.from - b.from)
}
