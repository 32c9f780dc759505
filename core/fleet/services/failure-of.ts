import { type Failure, FailureError } from "../../schema/failure.ts"
import { sqliteFailure } from "../store/sqlite-failure.ts"

/** How failures name this desktop's own database. */
export const OWN_DATABASE = "hotfix.sqlite"

/** Whatever was thrown, as a failure; what nobody foresaw becomes `internal` with one line of its message. */
export function failureOf(error: unknown): Failure {
	const known = sqliteFailure(error, OWN_DATABASE)
	if (known instanceof FailureError) return known.failure
	return { code: "internal", data: { message: firstLine(error) } }
}

function firstLine(error: unknown): string {
	const text = error instanceof Error ? error.message : String(error)
	return (text.split("\n")[0] ?? "").slice(0, 500)
}
