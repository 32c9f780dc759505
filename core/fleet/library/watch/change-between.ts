import { isDeepStrictEqual } from "node:util"
import type { LibraryOpened, ModuleChange } from "../../../schema/library.ts"

type Change = Omit<Extract<ModuleChange, { type: "changed" }>, "type" | "seq" | "own">

/** What differs between two readings of a module; undefined for nothing. */
export function changeBetween(before: LibraryOpened, after: LibraryOpened): Change | undefined {
	const known = new Map(before.sources.map((source) => [source.target, source]))
	const present = new Set(after.sources.map(({ target }) => target))
	const sources = after.sources.filter((source) => !isDeepStrictEqual(source, known.get(source.target)))
	const removed = [...known.keys()].filter((target) => !present.has(target))
	const isTextNew = before.textDigest !== after.textDigest
	const isSame =
		!isTextNew &&
		sources.length === 0 &&
		removed.length === 0 &&
		before.digest === after.digest &&
		isDeepStrictEqual(before.links, after.links) &&
		isDeepStrictEqual(before.findings, after.findings) &&
		isDeepStrictEqual(before.standing, after.standing)
	if (isSame) return undefined
	return {
		...(isTextNew && { index: { text: after.text, textDigest: after.textDigest } }),
		sources,
		removed,
		...(after.links && { links: after.links }),
		findings: after.findings,
		...(after.digest !== undefined && { digest: after.digest }),
		standing: after.standing,
	}
}
