/** One place at which a text was changed: `removed` stood at `offset`, `inserted` stands there now. */
export interface Splice {
	offset: number
	removed: string
	inserted: string
}

/** The one splice that leads from a text to another: what both begin and end with is not in it. */
export function spliceBetween(before: string, after: string): Splice {
	const shorter = Math.min(before.length, after.length)
	let start = 0
	while (start < shorter && before.charCodeAt(start) === after.charCodeAt(start)) start++
	let same = 0
	const most = shorter - start
	while (same < most && before.charCodeAt(before.length - 1 - same) === after.charCodeAt(after.length - 1 - same))
		same++
	return {
		offset: start,
		removed: before.slice(start, before.length - same),
		inserted: after.slice(start, after.length - same),
	}
}

export function applySplice(text: string, { offset, removed, inserted }: Splice): string {
	return text.slice(0, offset) + inserted + text.slice(offset + removed.length)
}

export function invertSplice({ offset, removed, inserted }: Splice): Splice {
	return { offset, removed: inserted, inserted: removed }
}

export function isEmptySplice({ removed, inserted }: Splice): boolean {
	return removed === inserted
}
