import { childOf, type JsonNode, type JsonPath, MAX_DEPTH, MAX_VALUES, parseJsonText, plainValue } from "./json-text.ts"

// The tolerant parser takes a second for an index of 5,000 operations, which nobody waits for at every key. Here a text
// that is sound is read only where something is looked for.

/** The last one that was asked for: whoever edits asks for the same text again and again. */
let last: { text: string; sound: { value: unknown } | undefined } | undefined

/** What a text says that has no syntax fault (`parseJsonText`); undefined where it has one. */
export function readSoundJson(text: string): { value: unknown } | undefined {
	if (last?.text !== text) last = { text, sound: readSound(text) }
	return last.sound
}

/** The node at a path of a text that `readSoundJson` can read, with its own children but none of theirs. */
export function findNode(text: string, path: JsonPath): JsonNode | undefined {
	let node: JsonNode | undefined = readShallow(text, skipSpace(text, 0))
	for (const segment of path) {
		const child: JsonNode | undefined = node && childOf(node, segment)
		node = child && { ...child, ...readShallow(text, child.offset) }
	}
	return node
}

function readSound(text: string): { value: unknown } | undefined {
	const keys = countKeys(text)
	if (keys === "escaped") return readTolerant(text)
	let value: unknown
	try {
		value = JSON.parse(text)
	} catch {
		return undefined
	}
	const sizes = { keys: 0, commas: 0 }
	const isBounded = measure(value, 1, sizes)
	// `JSON.parse` keeps one of two keys of the same name: then the text has more keys than the value.
	return isBounded && sizes.commas <= MAX_VALUES && keys === sizes.keys ? { value } : undefined
}

/** Adds up keys and commas; false where it is nested too deep. */
function measure(value: unknown, depth: number, sizes: { keys: number; commas: number }): boolean {
	if (typeof value !== "object" || value === null) return true
	if (depth > MAX_DEPTH) return false
	const items = Object.values(value)
	if (!Array.isArray(value)) sizes.keys += items.length
	sizes.commas += Math.max(0, items.length - 1)
	return items.every((item) => measure(item, depth + 1, sizes))
}

/**
 * How many keys there are; `escaped` where one is written with a backslash. V8 13.6 misreads those: after
 * `{"a":1,"\\":0}` it reads `{"a":1,"\"":0}` as having the key `\` too.
 */
function countKeys(text: string): number | "escaped" {
	let keys = 0
	for (let start = text.indexOf('"'); start >= 0; ) {
		const end = skipString(text, start)
		const next = skipSpace(text, end)
		if (text.charCodeAt(next) === COLON) {
			if (text.slice(start, end).includes("\\")) return "escaped"
			keys++
		}
		start = text.indexOf('"', next)
	}
	return keys
}

function readTolerant(text: string): { value: unknown } | undefined {
	const { root, faults } = parseJsonText(text)
	return root && faults.length === 0 ? { value: plainValue(root) } : undefined
}

function readShallow(text: string, offset: number): JsonNode {
	const type = typeAt(text, offset)
	if (type === "object") return readItems(text, offset, type, readProperty)
	if (type === "array") return readItems(text, offset, type, readItem)
	const length = skipValue(text, offset) - offset
	return { type, offset, length, value: JSON.parse(text.slice(offset, offset + length)) }
}

function readItems(text: string, offset: number, type: "object" | "array", read: ReadItem): JsonNode {
	const children: JsonNode[] = []
	const node: Making = { type, offset, length: 0, children }
	let at = skipSpace(text, offset + 1)
	while (!isCloser(text.charCodeAt(at))) {
		const item = read(text, at, node)
		children.push(item)
		at = skipSpace(text, item.offset + item.length)
		if (text.charCodeAt(at) === COMMA) at = skipSpace(text, at + 1)
	}
	node.length = at + 1 - offset
	return node
}

/** A node whose end is not known yet. */
type Making = { -readonly [Key in keyof JsonNode]: JsonNode[Key] }

type ReadItem = (text: string, offset: number, parent: JsonNode) => JsonNode

function readItem(text: string, offset: number, parent: JsonNode): JsonNode {
	return { type: typeAt(text, offset), offset, length: skipValue(text, offset) - offset, parent }
}

function readProperty(text: string, offset: number, parent: JsonNode): JsonNode {
	const end = skipString(text, offset)
	const property: Making = { type: "property", offset, length: 0, parent }
	const key: JsonNode = { type: "string", offset, length: end - offset, value: JSON.parse(text.slice(offset, end)) }
	const value = readItem(text, skipSpace(text, skipSpace(text, end) + 1), property)
	property.children = [{ ...key, parent: property }, value]
	property.length = value.offset + value.length - offset
	return property
}

function typeAt(text: string, offset: number): "object" | "array" | "string" | "boolean" | "null" | "number" {
	return typeByFirst[text[offset] ?? ""] ?? "number"
}

const typeByFirst: Record<string, "object" | "array" | "string" | "boolean" | "null"> = {
	"{": "object",
	"[": "array",
	'"': "string",
	t: "boolean",
	f: "boolean",
	n: "null",
}

function skipValue(text: string, offset: number): number {
	const first = text.charCodeAt(offset)
	if (first === QUOTE) return skipString(text, offset)
	if (isOpener(first)) return skipContainer(text, offset)
	let at = offset
	while (at < text.length && !isEnd(text.charCodeAt(at))) at++
	return at
}

function skipContainer(text: string, offset: number): number {
	let depth = 0
	for (let at = offset; at < text.length; at++) {
		const unit = text.charCodeAt(at)
		if (unit === QUOTE) at = skipString(text, at) - 1
		else if (isOpener(unit)) depth++
		else if (isCloser(unit) && --depth === 0) return at + 1
	}
	return text.length
}

/** The end of the string that begins here. */
function skipString(text: string, offset: number): number {
	for (let at = offset + 1; at < text.length; at++) {
		const unit = text.charCodeAt(at)
		if (unit === QUOTE) return at + 1
		if (unit === BACKSLASH) at++
	}
	return text.length
}

function skipSpace(text: string, offset: number): number {
	let at = offset
	while (isSpace(text.charCodeAt(at))) at++
	return at
}

const [QUOTE, BACKSLASH, COLON, COMMA] = [0x22, 0x5c, 0x3a, 0x2c]
const isSpace = (unit: number) => unit === 0x20 || unit === 0x0a || unit === 0x0d || unit === 0x09
const isOpener = (unit: number) => unit === 0x7b || unit === 0x5b
const isCloser = (unit: number) => unit === 0x7d || unit === 0x5d
const isEnd = (unit: number) => unit === COMMA || isCloser(unit) || isSpace(unit)
