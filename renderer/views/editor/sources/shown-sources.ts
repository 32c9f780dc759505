import type { LibraryOpened, StrayLink } from "../../../../core/schema/library.ts"
import { type SourceNote, type SourceUse, sourceNotes } from "../../../../core/schema/source-notes.ts"
import type { TraitsByDigest } from "../../../stores/source-traits.ts"

/** One row of the list, and what is shown of it beside. */
export interface ShownSource {
	target: string
	size: number
	digest?: string | undefined
	isExecutable: boolean
	uses: SourceUse[]
	notes: SourceNote[]
	/** A link that leads to no source. */
	isLink?: boolean
	/** Something is typed in it that is not on disk. */
	isTyped: boolean
}

const noUses: SourceUse[] = []

/**
 * All sources with what is doubtful about each, those that are typed in while their files are gone, and links that lead to
 * none.
 */
export function shownSources(
	{ sources, links = [] }: Pick<LibraryOpened, "sources" | "links">,
	typed: readonly string[],
	uses: ReadonlyMap<string, SourceUse[]>,
	traits: TraitsByDigest,
): ShownSource[] {
	const isTyped = new Set(typed)
	const onDisk = sources.map(({ target, size, digest, isExecutable }) => {
		const of = uses.get(target) ?? noUses
		const notes = sourceNotes({ target, size, isExecutable, traits: traits.get(digest) }, of)
		return { target, size, digest, isExecutable, uses: of, notes, isTyped: isTyped.has(target) }
	})
	const present = new Set(sources.map(({ target }) => target))
	const lost = typed.filter((target) => !present.has(target))
	const more = lost.map((target) => ({
		...{ target, size: 0, isExecutable: false, notes: [], isTyped: true },
		uses: uses.get(target) ?? noUses,
	}))
	// What is typed stays in sight.
	const stray = links.filter(({ target }) => !isTyped.has(target))
	const all = [...onDisk, ...more, ...stray.map((link) => strayLink(link, uses))]
	return all.length === onDisk.length ? onDisk : all.sort((a, b) => (a.target < b.target ? -1 : 1))
}

function strayLink(
	{ target, digest, rule, message, remedy }: StrayLink,
	uses: ReadonlyMap<string, SourceUse[]>,
): ShownSource {
	const note: SourceNote = { rule, message, remedy, mend: { label: "remove it", kind: "remove" } }
	const row = { target, size: 0, digest, isExecutable: false, isLink: true, isTyped: false }
	return { ...row, uses: uses.get(target) ?? noUses, notes: [note] }
}
