import type { ComparedFile, Variant } from "../../../../core/schema/variants.ts"

export type Side = "ours" | "theirs" | "applied" | "other"

export interface Pair {
	value: string
	label: string
	left: Side
	right: Side
}

/** What can be put beside each other, the most telling first: only what is there. */
export function pairsOf(file: Pick<ComparedFile, "ours">, { now, appliances }: Variant, hasOthers: boolean): Pair[] {
	const has = {
		ours: file.ours !== undefined,
		theirs: now.state === "file",
		applied: appliances.some(({ applied }) => applied !== undefined),
		other: hasOthers,
	}
	const all: Pair[] = [
		{ value: "ours", label: "Our source | appliance", left: "ours", right: "theirs" },
		{ value: "other", label: "Another variant | appliance", left: "other", right: "theirs" },
		{ value: "applied", label: "Applied last | appliance", left: "applied", right: "theirs" },
		{ value: "both", label: "Applied last | our source", left: "applied", right: "ours" },
	]
	return all.filter(({ left, right }) => has[left] && has[right])
}
