import type { Failure } from "../../schema/failure.ts"

/** Characters of one text from an appliance, and of all facts of one failure: a fleet's are told again and again. */
const TEXT = 500
const FACTS = 2000

/** A text from an appliance, at a length that a person reads. */
export function boundText(text: string): string {
	return text.length > TEXT ? `${text.slice(0, TEXT - 1)}…` : text
}

/** A failure from an appliance; facts that are too long in all are left out. */
export function boundFailure({ code, data }: Failure): Failure {
	let left = FACTS
	const facts = Object.entries(data).flatMap(([fact, value]) => {
		const kept = [fact, typeof value === "string" ? boundText(value) : value] as const
		const { length } = JSON.stringify(kept)
		if (length > left) return []
		left -= length
		return [kept]
	})
	return { code, data: Object.fromEntries(facts) }
}
