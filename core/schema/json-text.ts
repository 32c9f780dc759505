import { findNodeAtOffset, getNodePath, type Node, type ParseError, parseTree } from "jsonc-parser"
import { findMergeConflicts, readErrors, type SyntaxFault } from "./json-syntax.ts"

export type JsonNode = Node
export type JsonPath = readonly (string | number)[]

/** 1-based; columns count UTF-16 units, as editors do. */
export interface Place {
	line: number
	column: number
}

/** A JSON document with the places of everything in it. */
export interface JsonText {
	root?: JsonNode
	faults: SyntaxFault[]
	/** What ends after this offset cannot be trusted: the parser lost its way there, or the text is cut off. */
	trustedEnd: number
	placeAt(offset: number): Place
}

/** No module nests deeper than 5; recursion over the tree must not exhaust the stack. */
export const MAX_DEPTH = 100
/** Room for 30,000 operations; checking must stay a matter of seconds whatever the file. */
export const MAX_VALUES = 100_000

/** The last one: whoever checks a document asks for the same text again and again. */
let last: { text: string; json: JsonText } | undefined

/**
 * Parses strict JSON (no comments, trailing commas, byte order mark), tolerantly: every fault it can tell apart. The
 * result is shared by all who ask for the same text: nobody may change it.
 */
export function parseJsonText(text: string): JsonText {
	if (last?.text !== text) last = { text, json: parse(text) }
	return last.json
}

function parse(text: string): JsonText {
	const placeAt = makePlaceAt(text)
	const excess = excessOf(text)
	if (excess) return { faults: [excess], trustedEnd: 0, placeAt }
	if (text.trim() === "") return { faults: [emptyFault], trustedEnd: 0, placeAt }
	const conflicts = findMergeConflicts(text)
	if (conflicts.length > 0) return { faults: conflicts, trustedEnd: 0, placeAt }
	const errors: ParseError[] = []
	// A byte order mark becomes a space so that every offset stays true.
	const root = parseTree(text.replace(/^\ufeff/, " "), errors, { disallowComments: true })
	const { faults, trustedEnd } = readErrors(text, errors)
	if (text.startsWith("\ufeff")) faults.unshift(byteOrderMarkFault)
	if (root) for (const fault of duplicateKeys(root, trustedEnd)) faults.push(fault)
	return root ? { root, faults, trustedEnd, placeAt } : { faults, trustedEnd, placeAt }
}

/** The node at a path; of a key that stands twice the last one, as `JSON.parse` has it. */
export function nodeAt(root: JsonNode | undefined, path: JsonPath): JsonNode | undefined {
	let node = root
	for (const segment of path) node = node && childOf(node, segment)
	return node
}

export function childOf(node: JsonNode, segment: string | number): JsonNode | undefined {
	if (typeof segment === "number") return node.type === "array" ? node.children?.[segment] : undefined
	if (node.type !== "object") return undefined
	return node.children?.findLast((property) => keyOf(property)?.value === segment)?.children?.[1]
}

/** A node and where it was found. */
export interface Found {
	node: JsonNode
	path: JsonPath
}

/** Every node that a path with `*` names. */
export function* nodesAt(node: JsonNode, at: JsonPath, path: JsonPath = []): Generator<Found> {
	const [segment, ...rest] = at
	if (segment === undefined) return yield { node, path }
	if (segment !== "*") {
		const child = childOf(node, segment)
		if (child) yield* nodesAt(child, rest, [...path, segment])
	} else if (node.type === "array") {
		for (const [index, item] of (node.children ?? []).entries()) yield* nodesAt(item, rest, [...path, index])
	}
}

/** The path of what stands at an offset; the root's where that is nothing in particular. */
export function pathAt(root: JsonNode | undefined, offset: number): JsonPath {
	const node = root && findNodeAtOffset(root, offset, true)
	return node ? getNodePath(node) : []
}

/** The key node of a property node. */
export function keyOf(property: JsonNode): JsonNode | undefined {
	return property.children?.[0]
}

/** The value of a tree, as `JSON.parse` would give it (`__proto__` is a key like any other). */
export function plainValue(node: JsonNode): unknown {
	if (node.type === "array") return (node.children ?? []).map(plainValue)
	if (node.type !== "object") return node.value
	const entries = (node.children ?? []).flatMap((property) => {
		const [key, value] = property.children ?? []
		return key && value ? [[String(key.value), plainValue(value)] as const] : []
	})
	return Object.fromEntries(entries)
}

/** For example `$.pools[0].operations[1].destination`; unusual keys in brackets, controls escaped. */
export function printPath(path: JsonPath): string {
	return path.reduce<string>((printed, segment) => printed + printSegment(segment), "$")
}

function printSegment(segment: string | number): string {
	if (typeof segment === "number") return `[${segment}]`
	if (/^[A-Za-z_$][\w$-]{0,63}$/.test(segment)) return `.${segment}`
	return `[${JSON.stringify(segment.slice(0, 64)).replace(/[^\x20-\x7e]/g, escapeUnit)}]`
}

function escapeUnit(unit: string): string {
	return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`
}

function makePlaceAt(text: string): (offset: number) => Place {
	const starts = [0]
	for (const end of text.matchAll(/\r\n|\n|\r/g)) starts.push(end.index + end[0].length)
	return (offset) => {
		const line = lastAtMost(starts, offset)
		return { line: line + 1, column: offset - (starts[line] ?? 0) + 1 }
	}
}

/** Index of the last of some ascending numbers that is not above a limit. */
function lastAtMost(ascending: number[], limit: number): number {
	let low = 0
	let high = ascending.length - 1
	while (low < high) {
		const middle = Math.ceil((low + high) / 2)
		if ((ascending[middle] ?? 0) <= limit) low = middle
		else high = middle - 1
	}
	return low
}

/** Refuses what would cost more than it could mean. Strings are passed over; brackets in comments do no harm here. */
function excessOf(text: string): SyntaxFault | undefined {
	let depth = 0
	let values = 0
	for (const { 0: token, index } of text.matchAll(/"(?:\\.|[^"\\\r\n])*"?|[[\]{},]/g)) {
		if (token === "{" || token === "[") depth += 1
		else if (token === "}" || token === "]") depth -= 1
		else if (token === ",") values += 1
		if (depth > MAX_DEPTH) return tooDeepFault(index)
		if (values > MAX_VALUES) return tooManyFault(index)
	}
	return undefined
}

function* duplicateKeys(root: JsonNode, trustedEnd: number): Generator<SyntaxFault> {
	const nodes = [root]
	for (let node = nodes.pop(); node; node = nodes.pop()) {
		for (const child of node.children ?? []) nodes.push(child)
		if (node.type !== "object") continue
		const seen = new Set<unknown>()
		for (const key of (node.children ?? []).map(keyOf)) {
			if (!key || key.offset >= trustedEnd) continue
			if (seen.has(key.value)) yield duplicateKeyFault(key)
			seen.add(key.value)
		}
	}
}

const emptyFault = {
	rule: "empty-file",
	offset: 0,
	message: "the file is empty",
	remedy: 'write {"metadata": {"schema_version": "1.0.0"}, "pools": [...]}',
}
const byteOrderMarkFault = {
	rule: "byte-order-mark",
	offset: 0,
	message: "the file begins with a byte order mark",
	remedy: "save it as UTF-8 without byte order mark",
}
function tooDeepFault(offset: number): SyntaxFault {
	return { rule: "too-deep", offset, message: `nested deeper than ${MAX_DEPTH} levels`, remedy: "no module needs that" }
}
function tooManyFault(offset: number): SyntaxFault {
	return {
		rule: "too-many-values",
		offset,
		message: `more than ${MAX_VALUES} values`,
		remedy: "split the module into several",
	}
}
function duplicateKeyFault(key: JsonNode): SyntaxFault {
	return {
		rule: "duplicate-key",
		offset: key.offset,
		message: "this key stands twice in its object",
		remedy: "keep one of the two",
	}
}
