import { FailureError } from "../../schema/failure.ts"

/** SQLite's primary result codes (https://sqlite.org/rescode.html). */
const SQLITE = { perm: 3, readonly: 8, ioerr: 10, corrupt: 11, full: 13, cantopen: 14, notadb: 26 }

/** Whether an error says that the database itself is broken, as opposed to disk, rights or lock. */
export function isDamage(error: unknown): boolean {
	if (error instanceof FailureError) return error.failure.code === "database-damaged"
	return [SQLITE.corrupt, SQLITE.notadb].includes(primaryCode(error))
}

/** An error of SQLite or of the file system as a failure; what is neither comes back as it was. */
export function sqliteFailure(error: unknown, path: string): unknown {
	if (error instanceof FailureError) return error
	const options = { cause: error }
	if (isDamage(error)) return new FailureError("database-damaged", { path }, options)
	const system = error instanceof Error && "code" in error ? error.code : undefined
	const code = primaryCode(error)
	if (system === "ENOSPC" || code === SQLITE.full) return new FailureError("disk-full", { path }, options)
	if (system === "EROFS" || code === SQLITE.readonly) return new FailureError("read-only", { path }, options)
	if (["EACCES", "EPERM", "ENOTDIR", "EEXIST", "EISDIR"].includes(String(system)) || isUnopenable(code))
		return new FailureError("not-permitted", { path }, options)
	return error
}

function isUnopenable(code: number): boolean {
	return [SQLITE.perm, SQLITE.cantopen, SQLITE.ioerr].includes(code)
}

/** Extended codes carry the primary one in their low byte; 0 for what is no error of SQLite. */
function primaryCode(error: unknown): number {
	if (!(error instanceof Error) || !("errcode" in error) || typeof error.errcode !== "number") return 0
	return error.errcode & 0xff
}
