import { digestOf } from "../disk/digest.ts"
import type { Host } from "../host.ts"
import { type JournalRecord, journalRecordSchema } from "./records.ts"

/** Hexadecimal digits of a line's checksum. */
const CHECK = 16

/** One record as a line: checksum, blank, JSON. */
export function printRecord(host: Host, record: JournalRecord): string {
	const json = JSON.stringify(record)
	return `${checksum(host, json)} ${json}\n`
}

/**
 * The records up to the first line that is not whole. A sync covers everything before it in the file, so whatever
 * follows a broken line was never synced, and nothing was ever done on its account.
 */
export function parseJournal(host: Host, bytes: Uint8Array): { records: JournalRecord[]; validBytes: number } {
	const records: JournalRecord[] = []
	let validBytes = 0
	for (;;) {
		const end = bytes.indexOf(10, validBytes)
		if (end < 0) return { records, validBytes }
		const record = parseLine(host, new TextDecoder().decode(bytes.subarray(validBytes, end)))
		if (!record) return { records, validBytes }
		records.push(record)
		validBytes = end + 1
	}
}

/** Whether any line is whole, wherever it stands. */
export function hasRecord(host: Host, bytes: Uint8Array): boolean {
	const lines = new TextDecoder().decode(bytes).split("\n")
	return lines.some((line) => parseLine(host, line) !== undefined)
}

function parseLine(host: Host, line: string): JournalRecord | undefined {
	const json = line.slice(CHECK + 1)
	if (line[CHECK] !== " " || line.slice(0, CHECK) !== checksum(host, json)) return undefined
	return journalRecordSchema.safeParse(JSON.parse(json)).data
}

function checksum(host: Host, json: string): string {
	return digestOf(host, json).slice(0, CHECK)
}
