import { createHash } from "node:crypto"

const BLOCK = 512
/** How GNU tar calls what a file has besides owner, mode and times. */
const attributeKey = /^(SCHILY\.xattr\.|SCHILY\.acl\.|RHT\.security\.)/

/** The regular files in a pax archive whose headers hold extended attributes or ACLs, with a digest of those. */
export function membersWithAttributes(archive: Buffer): Map<string, string> {
	const found = new Map<string, string>()
	let header = new Map<string, string>()
	for (let at = 0; at + BLOCK <= archive.length; ) {
		const block = archive.subarray(at, at + BLOCK)
		if (block[0] === 0) break
		const type = String.fromCharCode(block[156] ?? 0)
		const size = Number.parseInt(text(block, 124, 12), 8)
		if (!Number.isSafeInteger(size)) throw new Error("cannot read tar's archive: a header has no size")
		const body = archive.subarray(at + BLOCK, at + BLOCK + size)
		at += BLOCK + Math.ceil(size / BLOCK) * BLOCK
		if (type === "x") {
			header = parseHeader(body)
			continue
		}
		const attributes = [...header].filter(([key]) => attributeKey.test(key)).sort()
		if (type === "0" && attributes.length > 0) found.set(nameOf(block, header), digestOf(attributes))
		header = new Map()
	}
	return found
}

/** Records `LENGTH KEY=VALUE\n`; the length counts itself, in bytes. */
function parseHeader(body: Buffer): Map<string, string> {
	const records = new Map<string, string>()
	for (let at = 0; at < body.length; ) {
		const blank = body.indexOf(" ", at)
		const length = Number(body.subarray(at, blank).toString())
		if (blank < 0 || !Number.isSafeInteger(length) || length <= 0) throw new Error("cannot read tar's extended header")
		const record = body.subarray(blank + 1, at + length - 1)
		const equals = record.indexOf("=")
		const key = record.subarray(0, equals).toString()
		// Values of attributes are any bytes; one character a byte keeps them apart.
		records.set(key, record.subarray(equals + 1).toString(attributeKey.test(key) ? "latin1" : "utf8"))
		at += length
	}
	return records
}

function digestOf(attributes: [string, string][]): string {
	return createHash("sha256").update(JSON.stringify(attributes)).digest("hex")
}

function nameOf(block: Buffer, header: Map<string, string>): string {
	const prefix = text(block, 345, 155)
	return header.get("path") ?? (prefix ? `${prefix}/${text(block, 0, 100)}` : text(block, 0, 100))
}

function text(block: Buffer, from: number, length: number): string {
	const field = block.subarray(from, from + length)
	const end = field.indexOf(0)
	return field.subarray(0, end < 0 ? length : end).toString()
}
