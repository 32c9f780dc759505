import { findInBlock, type OutputLog } from "./output-log.ts"

/** A search that goes on where it was when the log has grown; large logs are searched piece by piece. */
export interface OutputSearch {
	wanted: string
	/** Numbers of the lines found, 0-based, of all that ever came. */
	found: number[]
	/** The first line that was not looked at for good: of the newest block, which may grow. */
	next: number
}

/** Nobody steps through more; the count says that there are more. */
export const MAX_FOUND = 100_000

export const makeSearch = (wanted: string): OutputSearch => ({ wanted: wanted.toLowerCase(), found: [], next: 0 })

/**
 * The search after some more blocks, until `isEnough` says so; `done`: the whole log has been looked at. Lines that the
 * log has dropped are no longer found.
 */
export function searchOn(
	search: OutputSearch,
	log: OutputLog,
	isEnough: () => boolean,
): { search: OutputSearch; done: boolean } {
	const { wanted } = search
	const found = search.found.filter((line) => line >= log.dropped && line < search.next)
	let { next } = search
	if (found.length >= MAX_FOUND) return { search: { wanted, found, next }, done: true }
	let at = log.blocks.findIndex((block) => block.first + block.starts.length > next)
	if (at === -1) at = log.blocks.length - 1
	for (; at >= 0 && at < log.blocks.length; at++) {
		const block = log.blocks[at]
		if (!block) break
		for (const line of findInBlock(block, wanted)) found.push(line)
		if (found.length >= MAX_FOUND) return { search: { wanted, found: found.slice(0, MAX_FOUND), next }, done: true }
		if (at === log.blocks.length - 1) return { search: { wanted, found, next: block.first }, done: true }
		next = block.first + block.starts.length
		if (isEnough()) return { search: { wanted, found, next }, done: false }
	}
	return { search: { wanted, found, next }, done: true }
}
