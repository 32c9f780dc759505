import type { DatabaseSync } from "node:sqlite"
import type { PoolResult } from "../../schema/desktop.ts"

/** Characters of one pool's output that can be searched: the last ones, where failures are. */
const SEARCHED = 256 << 10
/** Characters of events that are gone through for it: a hostile runner never says where a pool began. */
const LOOKED_AT = 8 << 20

/** Words of what pools said, for full-text search. */
export function createPoolTexts(db: DatabaseSync) {
	const idOf = db.prepare(`INSERT INTO pool_text_ids (run_id, pool) VALUES (?, ?)
		ON CONFLICT (run_id, pool) DO UPDATE SET pool = excluded.pool RETURNING id`)
	const events =
		db.prepare(`SELECT body ->> 'type' AS type, body ->> 'pool' AS pool, body ->> 'text' AS text, length(body) AS size
		FROM events
		WHERE run_id = ? ORDER BY seq DESC`)
	const put = db.prepare("INSERT OR REPLACE INTO pool_texts (rowid, text) VALUES (?, ?)")

	/** Backwards to where the pool began: what earlier pools said is not gone through again. */
	function outputOf({ runId, pool }: PoolResult): string {
		const texts: string[] = []
		let length = 0
		let left = LOOKED_AT
		for (const event of events.iterate(runId)) {
			left -= Number(event.size)
			if (left < 0) break
			if (event.pool !== pool) continue
			if (event.type === "pool-started" || length >= SEARCHED) break
			if (event.type !== "command-output") continue
			texts.push(String(event.text))
			length += String(event.text).length
		}
		return texts.reverse().join("").slice(-SEARCHED)
	}
	return {
		/** Once a pool has ended and its events are written. */
		index(result: PoolResult): void {
			const { command = "", message = "", output = "", details = [] } = result.reason ?? {}
			const { id } = idOf.get(result.runId, result.pool) ?? {}
			put.run(Number(id), [command, message, ...details, output, outputOf(result)].join("\n"))
		},
	}
}

/**
 * A search in FTS5's words: all of a person's words must be there, in any order, the last one may go on. Undefined where
 * nothing can be searched for.
 */
export function matchOf(text: string): string | undefined {
	const words = text.split(/[\s\0]+/).filter((word) => /[\p{L}\p{N}]/u.test(word))
	if (words.length === 0) return undefined
	return `${words.map((word) => `"${word.replaceAll('"', '""')}"`).join(" ")}*`
}
