import type { z } from "zod"

/** A row as SQLite gives it back. */
export type Row = Record<string, unknown>

/** Reads the `body` columns; a row that no longer makes sense is left out and told, the others still count. */
export function parseBodies<T>(schema: z.ZodType<T>, rows: Row[], log: (line: string) => void): T[] {
	return rows.flatMap((row) => {
		const parsed = parseBody(schema, row)
		if (parsed === undefined) log("the database holds a row that cannot be read; it is left out")
		return parsed === undefined ? [] : [parsed]
	})
}

/** Undefined when there is no row, or it makes no sense. */
export function parseBody<T>(schema: z.ZodType<T>, row: Row | undefined): T | undefined {
	if (typeof row?.body !== "string") return undefined
	try {
		return schema.safeParse(JSON.parse(row.body)).data
	} catch {
		// Not JSON: as unreadable as JSON of another shape, and told by the caller in the same way.
		return undefined
	}
}
