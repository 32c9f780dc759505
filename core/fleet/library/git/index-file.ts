import { createHash } from "node:crypto"
import type { BigIntStats } from "node:fs"
import { join } from "node:path"
import { FailureError } from "../../../schema/failure.ts"
import { readPlain } from "./own-repository.ts"
import { tooLarge } from "./tree-limits.ts"

// gitformat-index(5). isomorphic-git's own reading knows version 2 only and writes the file in place, without git's lock.

/** What is staged for one path; `bytes` is the entry without its path, as it stood in the file. */
export interface IndexEntry {
	path: string
	oid: string
	/** 0; 1 to 3 while a merge is in conflict. */
	stage: number
	bytes: Buffer
}

const HEAD_BYTES = 62
const EXTENDED = 0x4000
/** Of the file, and of its paths together (version 4 shortens them): some 800 000 files. In memory it becomes five times that. */
const MAX_BYTES = 64 * 1024 * 1024

/** What is staged in a repository; no file is an empty index. Fails with `repository-unusable`. */
export async function readIndex(gitDir: string): Promise<{ entries: IndexEntry[] }> {
	const path = join(gitDir, "index")
	const bytes = await readPlain(gitDir, "index", MAX_BYTES)
	if (bytes === undefined) return { entries: [] }
	try {
		return { entries: parseIndex(bytes) }
	} catch (error) {
		if (error instanceof FailureError) throw error
		throw new FailureError("repository-unusable", { path, reason: "damaged" }, { cause: error })
	}
}

/** Versions 2 to 4. Throws on anything else. */
export function parseIndex(bytes: Buffer): IndexEntry[] {
	const sum = createHash("sha1").update(bytes.subarray(0, -20)).digest()
	// index.skipHash leaves zeros.
	if (!sum.equals(bytes.subarray(-20)) && bytes.subarray(-20).some((byte) => byte !== 0))
		throw new Error("cannot trust")
	const version = bytes.readUInt32BE(4)
	if (bytes.toString("latin1", 0, 4) !== "DIRC" || version < 2 || version > 4) throw unknownFormat()
	const entries: IndexEntry[] = []
	let at = 12
	let length = 0
	for (let count = bytes.readUInt32BE(8); count > 0; count--) {
		const { entry, end } = parseEntry(bytes, at, version, entries.at(-1)?.path ?? "")
		length += entry.path.length
		if (length > MAX_BYTES) throw tooLarge("index")
		entries.push(entry)
		at = end
	}
	checkExtensions(bytes, at)
	return entries
}

function parseEntry(bytes: Buffer, start: number, version: number, previous: string) {
	const flags = bytes.readUInt16BE(start + 60)
	const head = HEAD_BYTES + (flags & EXTENDED ? 2 : 0)
	let at = start + head
	let kept = Buffer.alloc(0)
	if (version === 4) {
		const { value, end } = readVariable(bytes, at)
		const before = Buffer.from(previous)
		kept = before.subarray(0, before.length - value)
		at = end
	}
	const zero = bytes.indexOf(0, at)
	if (zero < 0) throw new Error("cannot find the end of a name")
	const path = Buffer.concat([kept, bytes.subarray(at, zero)]).toString()
	const entry: IndexEntry = {
		path,
		oid: bytes.toString("hex", start + 40, start + 60),
		stage: (flags >> 12) & 3,
		bytes: Buffer.from(bytes.subarray(start, start + head)),
	}
	const length = zero - start
	return { entry, end: version === 4 ? zero + 1 : start + length + (8 - (length % 8)) }
}

/** The offset encoding of packs: seven bits a byte, each further one counts from 1. */
function readVariable(bytes: Buffer, start: number): { value: number; end: number } {
	let at = start
	let byte = bytes.readUInt8(at++)
	let value = byte & 0x7f
	while (byte & 0x80) {
		byte = bytes.readUInt8(at++)
		value = ((value + 1) << 7) | (byte & 0x7f)
	}
	return { value, end: at }
}

/** One whose name begins with a small letter changes the meaning of the file (split and sparse index). */
function checkExtensions(bytes: Buffer, start: number) {
	for (let at = start; at + 8 <= bytes.length - 20; at += 8 + bytes.readUInt32BE(at + 4)) {
		const first = bytes.readUInt8(at)
		if (first >= 0x61) throw unknownFormat()
	}
}

function unknownFormat(): FailureError {
	return new FailureError("repository-unusable", { reason: "index-format" })
}

/** An index with these entries; without the extensions, which are caches that git makes anew. */
export function makeIndex(entries: IndexEntry[]): Buffer {
	const keyed = entries.map((entry) => ({ entry, key: Buffer.from(entry.path) }))
	keyed.sort((a, b) => Buffer.compare(a.key, b.key) || a.entry.stage - b.entry.stage)
	const isExtended = entries.some(({ bytes }) => bytes.readUInt16BE(60) & EXTENDED)
	const head = Buffer.alloc(12)
	head.write("DIRC")
	head.writeUInt32BE(isExtended ? 3 : 2, 4)
	head.writeUInt32BE(entries.length, 8)
	const body = keyed.map(({ entry, key }) => {
		const length = entry.bytes.length + key.length
		const flagged = Buffer.from(entry.bytes)
		flagged.writeUInt16BE((flagged.readUInt16BE(60) & 0xf000) | Math.min(key.length, 0xfff), 60)
		return Buffer.concat([flagged, key, Buffer.alloc(8 - (length % 8))])
	})
	const content = Buffer.concat([head, ...body])
	return Buffer.concat([content, createHash("sha1").update(content).digest()])
}

/** An entry for a working file as it is now, so that git need not read it to know that it is unchanged. */
export function makeEntry(path: string, mode: string, oid: string, found: BigIntStats): IndexEntry {
	const bytes = Buffer.alloc(HEAD_BYTES)
	const numbers = [
		found.ctimeNs / 1_000_000_000n,
		found.ctimeNs % 1_000_000_000n,
		found.mtimeNs / 1_000_000_000n,
		found.mtimeNs % 1_000_000_000n,
		found.dev,
		found.ino,
		BigInt(Number.parseInt(mode, 8)),
		found.uid,
		found.gid,
		found.size,
	]
	for (const [index, number] of numbers.entries()) bytes.writeUInt32BE(Number(BigInt.asUintN(32, number)), index * 4)
	bytes.write(oid, 40, "hex")
	return { path, oid, stage: 0, bytes }
}
