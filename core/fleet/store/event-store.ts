import type { DatabaseSync } from "node:sqlite"
import { type AnyEvent, parseEvent } from "../../schema/event.ts"
import type { Row } from "./rows.ts"
import { inTransaction } from "./transaction.ts"

export type EventStore = ReturnType<typeof createEventStore>

/** The events of runs as they came; the same event written twice is one row. */
export function createEventStore(db: DatabaseSync) {
	const insert = db.prepare("INSERT OR IGNORE INTO events VALUES (?, ?, ?)")
	const page = db.prepare(`SELECT seq, events.body, runs.run FROM events JOIN runs ON runs.id = run_id
		WHERE run_id = ? AND seq > ? ORDER BY seq LIMIT ?`)
	const last = db.prepare("SELECT coalesce(max(seq), 0) AS seq FROM events WHERE run_id = ?")
	const count = db.prepare("SELECT count(*) AS count FROM events WHERE run_id = ?")
	const grow = db.prepare("UPDATE runs SET room = room + ? WHERE id = ?")
	return {
		/** Returns how many characters were written. */
		append: (runId: string, events: AnyEvent[]): number =>
			inTransaction(db, () => {
				let written = 0
				let added = 0
				for (const { seq, run: _, ...rest } of events) {
					const body = JSON.stringify(rest)
					if (insert.run(runId, seq, body).changes > 0) added += body.length
					written += body.length
				}
				grow.run(added, runId)
				return written
			}),
		/** At most `limit` events with a higher number, in order. */
		read: (runId: string, after: number, limit: number): AnyEvent[] => page.all(runId, after, limit).flatMap(parseRow),
		lastSeq: (runId: string) => Number(last.get(runId)?.seq),
		count: (runId: string) => Number(count.get(runId)?.count),
	}
}

function parseRow(row: Row): AnyEvent[] {
	const event = parseEvent({ ...JSON.parse(String(row.body)), seq: row.seq, run: String(row.run ?? "") })
	return event ? [event] : []
}
