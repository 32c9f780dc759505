import type { AnyEvent } from "../../../core/schema/event.ts"
import { isKnownEvent } from "../../../core/schema/event.ts"
import { plainText } from "../../../core/schema/plain-text.ts"
import type { RecordedContent } from "../../../core/schema/recorded-file.ts"

/** One thing that a run said, as a row. */
export interface JournalRow {
	seq: number
	time: string
	type: string
	pool: string
	/** Everything else of it, in its own words. */
	words: string
}

/** Characters of one row; the whole output stands with its command. */
const MOST_WORDS = 2000

export function makeRow(event: AnyEvent): JournalRow {
	const { seq, time, type, run: _, pool, ...rest } = event as AnyEvent & { pool?: unknown }
	const words = Object.entries(rest).map(
		([key, value]) => `${key}: ${typeof value === "string" ? value : JSON.stringify(value)}`,
	)
	return { seq, time, type, pool: typeof pool === "string" ? pool : "", words: plainText(words.join(", "), MOST_WORDS) }
}

/** Rows in which every word is. */
export function searchRows(rows: readonly JournalRow[], text: string): JournalRow[] {
	const wanted = text.toLowerCase().split(/\s+/).filter(Boolean)
	return rows.filter(({ type, pool, words }) => {
		const all = `${type} ${pool} ${words}`.toLowerCase()
		return wanted.every((word) => all.includes(word))
	})
}

/** What a run found at a destination and what it left there; absent where there was, or is, no file. */
export interface FileChange {
	pool: string
	destination: string
	before?: RecordedContent | undefined
	after?: RecordedContent | undefined
}

/** The changes after one more event. */
export function addFileEvent(files: Map<string, FileChange>, event: AnyEvent): void {
	if (!isKnownEvent(event) || event.type !== "file" || event.pool === undefined) return
	const { pool, destination, action, digest, size } = event
	const content = digest === undefined ? undefined : { digest, ...(size !== undefined && { size }) }
	const key = `${pool}\n${destination}`
	const file = files.get(key) ?? { pool, destination }
	files.set(key, file)
	if (action === "backed-up") Object.assign(file, { before: content, after: content })
	if (action === "restored") file.after = file.before
	if (action === "removed") file.after = undefined
	if ((action === "created" || action === "replaced" || action === "changed") && content) file.after = content
}
