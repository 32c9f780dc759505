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

/** As `inTransaction`, and on disk when it returns: a power cut takes nothing of it back. */
export function inDurableTransaction<T>(db: DatabaseSync, work: () => T): T {
	db.exec("PRAGMA synchronous = FULL")
	try {
		return inTransaction(db, work)
	} finally {
		db.exec("PRAGMA synchronous = NORMAL")
	}
}
