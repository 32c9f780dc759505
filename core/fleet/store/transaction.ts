import type { DatabaseSync } from "node:sqlite"

/** All of `work`, or none of it. Takes the write lock at once: an upgrade in the middle could not wait for it. */
export function inTransaction<T>(db: DatabaseSync, work: () => T): T {
	if (db.isTransaction) return work()
	db.exec("BEGIN IMMEDIATE")
	try {
		const result = work()
		db.exec("COMMIT")
		return result
	} catch (error) {
		// SQLite itself rolls back on a full disk; a second rollback would hide the cause.
		if (db.isTransaction) db.exec("ROLLBACK")
		throw error
	}
}
