import { chmodSync, closeSync, existsSync, mkdirSync, openSync, renameSync, statSync } from "node:fs"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { FailureError } from "../../schema/failure.ts"
import { migrate } from "./migrations.ts"
import { isDamage, sqliteFailure } from "./sqlite-failure.ts"

/** How long a write waits for another program on the same data folder, milliseconds. */
const BUSY_TIMEOUT_MS = 10_000

/** Up to this size the whole file is checked at every start: about 0.2 s. */
const ALWAYS_CHECKED_BYTES = 64 * 1024 * 1024

/** Pages kept in memory at most, KiB: questions about a large history read the same ones again and again. */
const CACHE_KIB = 64 * 1024

export type OpenedDatabase = {
	db: DatabaseSync
	file: string
	/** Where the damaged database that stood there before was kept. */
	keptAs?: string
}

/**
 * Opens `hotfix.sqlite` in the data folder, readable by its owner only. A damaged one is kept aside and a new one begun.
 * Fails with `database-newer`, `not-permitted`, `read-only` or `disk-full`.
 */
export function openDatabase(folder: string): OpenedDatabase {
	const file = join(folder, "hotfix.sqlite")
	try {
		mkdirSync(folder, { recursive: true, mode: 0o700 })
		return openOrRebuild(file)
	} catch (error) {
		throw sqliteFailure(error, file)
	}
}

function openOrRebuild(file: string): OpenedDatabase {
	try {
		return { db: openSound(file), file }
	} catch (error) {
		if (!isDamage(error)) throw error
		const keptAs = keepAside(file)
		return { db: openSound(file), file, keptAs }
	}
}

function openSound(file: string): DatabaseSync {
	// Made here and not by SQLite, so that nobody else can read it even for a moment; its -wal and -shm get the same mode.
	const isSuspect = needsCheck(file)
	closeSync(openSync(file, "a", 0o600))
	chmodSync(file, 0o600)
	const db = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS, enableForeignKeyConstraints: true })
	try {
		db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -${CACHE_KIB}`)
		if (isSuspect && db.prepare("PRAGMA quick_check(1)").get()?.quick_check !== "ok")
			throw new FailureError("database-damaged", { path: file })
		migrate(db, file)
		return db
	} catch (error) {
		db.close()
		throw error
	}
}

/** A check reads the whole file: always where that is quick, else only after a program did not close it in order. */
function needsCheck(file: string): boolean {
	const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0
	return size <= ALWAYS_CHECKED_BYTES || existsSync(`${file}-wal`)
}

function keepAside(file: string): string {
	const keptAs = `${file}.damaged-${new Date().toISOString().replaceAll(":", "-")}`
	renameSync(file, keptAs)
	for (const ending of ["-wal", "-shm"]) if (existsSync(file + ending)) renameSync(file + ending, keptAs + ending)
	return keptAs
}
