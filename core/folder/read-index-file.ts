import { open, stat } from "node:fs/promises"
import { join } from "node:path"
import { FailureError } from "../schema/failure.ts"
import type { Finding } from "../schema/finding.ts"
import type { Module } from "../schema/module.ts"
import { readIndex, readLintedIndex } from "../schema/module-index.ts"
import type { RuleOptions } from "../schema/module-rules.ts"
import { unreadable } from "./file-error.ts"
import { readAtMost } from "./read-at-most.ts"

/** A hand-written index has kilobytes; the runner must not be made to hold more. */
export const MAX_INDEX_BYTES = 4 * 1024 * 1024

export interface IndexOptions extends RuleOptions {
	/** False: without advice on commands, where nobody is there to read it. */
	advice?: boolean
}

/**
 * Reads and checks a module's `index.json`. Fails with `module-unreadable` when there is no text to find faults in:
 * not there, no file, not allowed, larger than `MAX_INDEX_BYTES`.
 */
export async function readIndexFile(
	folder: string,
	{ advice = true, ...options }: IndexOptions,
): Promise<{ text: string; module?: Module; findings: Finding[] }> {
	const path = join(folder, "index.json")
	const bytes = await readBytes(path).catch((error: unknown) => {
		throw unreadable(path, error)
	})
	const text = bytes.toString("utf8")
	const fault = findBadByte(bytes, text)
	if (fault) return { text, findings: [fault] }
	return { text, ...(advice ? readLintedIndex(text, options) : readIndex(text, options)) }
}

async function readBytes(path: string): Promise<Buffer> {
	const found = await stat(path)
	if (found.isDirectory()) throw new FailureError("module-unreadable", { path, reason: "a-folder" })
	// A pipe or device would be waited for without end.
	if (!found.isFile()) throw new FailureError("module-unreadable", { path, reason: "not-a-file" })
	const file = await open(path)
	const bytes = await readAtMost(file, MAX_INDEX_BYTES + 1).finally(() => file.close())
	if (bytes.length <= MAX_INDEX_BYTES) return bytes
	throw new FailureError("module-unreadable", { path, reason: "too-large", limitBytes: MAX_INDEX_BYTES })
}

/** Decoding puts U+FFFD for bytes that are no UTF-8; encoded again, the first of them differs. */
function findBadByte(bytes: Buffer, text: string): Finding | undefined {
	const again = Buffer.from(text, "utf8")
	if (again.equals(bytes)) return undefined
	let bad = 0
	while (bytes[bad] === again[bad]) bad += 1
	const lines = bytes
		.subarray(0, bad)
		.toString("utf8")
		.split(/\r\n|\n|\r/)
	return {
		severity: "fault",
		rule: "not-utf-8",
		path: "$",
		line: lines.length,
		column: (lines.at(-1)?.length ?? 0) + 1,
		message: "the file is no UTF-8 text from here on",
		remedy: "save it as UTF-8 without byte order mark",
	}
}
