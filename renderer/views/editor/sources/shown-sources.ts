import type { LibraryOpened } from "../../../../core/schema/library.ts"
import { type SourceNote, type SourceUse, sourceNotes } from "../../../../core/schema/source-notes.ts"
import { isTyped } from "../../../stores/source-text.ts"
import type { SourceState } from "../../../stores/source-texts.ts"
import type { TraitsByDigest } from "../../../stores/source-traits.ts"

/** One row of the list, and what is shown of it beside. */
export interface ShownSource {
	target: string
	size: number
	digest?: string | undefined
	isExecutable: boolean
	uses: SourceUse[]
	notes: SourceNote[]
	/** Something is typed in it that is not on disk. */
	isTyped: boolean
}

const noUses: SourceUse[] = []

/** All sources with what is doubtful about each, and texts whose files are gone while something is typed in them. */
export function shownSources(
	sources: LibraryOpened["sources"],
	texts: Readonly<Record<string, SourceState>>,
	uses: ReadonlyMap<string, SourceUse[]>,
	traits: TraitsByDigest,
): ShownSource[] {
	const onDisk = sources.map(({ target, size, digest, isExecutable }) => {
		const of = uses.get(target) ?? noUses
		const notes = sourceNotes({ target, size, isExecutable, traits: traits.get(digest) }, of)
		return { target, size, digest, isExecutable, uses: of, notes, isTyped: isTypedIn(texts[target]) }
	})
	const present = new Set(sources.map(({ target }) => target))
	const lost = Object.keys(texts).filter((target) => !present.has(target) && isTypedIn(texts[target]))
	const more = lost.map((target) => ({
		...{ target, size: 0, isExecutable: false, notes: [], isTyped: true },
		uses: uses.get(target) ?? noUses,
	}))
	return more.length === 0 ? onDisk : [...onDisk, ...more].sort((a, b) => (a.target < b.target ? -1 : 1))
}

function isTypedIn(state: SourceState | undefined): boolean {
	return state?.state === "text" && isTyped(state.source)
}
