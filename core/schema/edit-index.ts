import { findNode, readSoundJson } from "./json-shallow.ts"
import { childOf, type JsonNode, type JsonPath, nodeAt, parseJsonText, printPath } from "./json-text.ts"

// jsonc-parser's own `modify` is not used: taking the last item out of `[1,2]` it leaves `[12]`, and it formats the
// whole line that it touches. Here every byte outside the edited value stays as it was.

/**
 * The document with one value replaced, or added where its key is new or its index the list's length; missing objects
 * on the way are made. Throws when the text is no JSON or the path cannot exist.
 */
export function setValue(text: string, path: JsonPath, value: unknown): string {
	const existing = soundNodeAt(text, path)
	if (existing) return replace(text, existing.offset, existing.length, print(text, existing.offset, value))
	const parent = soundNodeAt(text, path.slice(0, -1))
	const segment = path.at(-1)
	if (!parent && typeof segment === "string") return setValue(text, path.slice(0, -1), { [segment]: value })
	if (!parent && segment === 0) return setValue(text, path.slice(0, -1), [value])
	const end = parent?.children?.length ?? 0
	if (parent?.type === "object" && typeof segment === "string") return insert(text, parent, end, value, segment)
	if (parent?.type === "array" && segment === end) return insert(text, parent, end, value)
	throw new Error(`cannot set ${printPath(path)}: ${printPath(path.slice(0, -1))} has no place for it`)
}

/** The document with an item put into a list, before the one that has the path's index now. */
export function insertItem(text: string, path: JsonPath, value: unknown): string {
	const parent = soundNodeAt(text, path.slice(0, -1))
	const index = path.at(-1)
	const count = parent?.children?.length ?? 0
	if (parent?.type !== "array" || typeof index !== "number" || index < 0 || index > count) {
		throw new Error(`cannot insert at ${printPath(path)}: there is no such place in a list`)
	}
	return insert(text, parent, index, value)
}

/** The document with values behind the others of a list, read once however many they are; the list is made where none is. */
export function appendItems(text: string, path: JsonPath, values: readonly unknown[]): string {
	const list = soundNodeAt(text, path)
	if (list && list.type !== "array") throw new Error(`cannot append to ${printPath(path)}: it is no list`)
	const items = list?.children ?? []
	const [first, last] = [items[0], items.at(-1)]
	if (!first || !last) return setValue(text, path, values)
	const gap = gapIn(text, list, items)
	const printed = values.map((value) => `,${gap}${print(text, first.offset, value)}`)
	return replace(text, endOf(last), 0, printed.join(""))
}

/** The document without one key or item, and without the comma that held it. Removing what is not there changes nothing. */
export function removeValue(text: string, path: JsonPath): string {
	const parent = soundNodeAt(text, path.slice(0, -1))
	const [segment] = path.slice(-1)
	const value = parent && segment !== undefined ? childOf(parent, segment) : undefined
	if (!parent || !value) return text
	const items = parent.children ?? []
	const item = parent.type === "object" ? value.parent : value
	if (!item) return text
	const index = items.indexOf(item)
	const [previous, next] = [items[index - 1], items[index + 1]]
	if (previous) return cut(text, endOf(previous), endOf(item))
	return next ? cut(text, item.offset, next.offset) : cut(text, parent.offset + 1, endOf(parent) - 1)
}

/** The document with an item of a list at another place of it. Items move as they are written; what stands between them stays. */
export function moveItem(text: string, path: JsonPath, to: number): string {
	const parent = soundNodeAt(text, path.slice(0, -1))
	const items = parent?.type === "array" ? (parent.children ?? []) : []
	const from = path.at(-1)
	const item = typeof from === "number" ? items[from] : undefined
	if (!item || typeof from !== "number" || !items[to]) {
		throw new Error(`cannot move ${printPath(path)} to ${to}: there is no such place in a list`)
	}
	const order = items.filter((one) => one !== item)
	order.splice(to, 0, item)
	return placeInto(text, items, order)
}

/** The document with another name for one key; its value and its place stay. */
export function renameKey(text: string, path: JsonPath, name: string): string {
	const key = soundNodeAt(text, path)?.parent?.children?.[0]
	if (!key || typeof path.at(-1) !== "string") throw new Error(`cannot rename ${printPath(path)}: there is no such key`)
	return replace(text, key.offset, key.length, JSON.stringify(name))
}

/** Where a value stands; undefined where there is none. */
export function findValue(text: string, path: JsonPath): { offset: number; length: number } | undefined {
	const node = readSoundJson(text) ? findNode(text, path) : nodeAt(parseJsonText(text).root, path)
	return node && { offset: node.offset, length: node.length }
}

/** The text with the nodes `from` replaced, place by place, by what the nodes `to` say. */
function placeInto(text: string, from: JsonNode[], to: JsonNode[]): string {
	let result = ""
	let at = 0
	for (const [index, slot] of from.entries()) {
		const item = to[index] ?? slot
		result += text.slice(at, slot.offset) + text.slice(item.offset, endOf(item))
		at = endOf(slot)
	}
	return result + text.slice(at)
}

function soundNodeAt(text: string, path: JsonPath): JsonNode | undefined {
	if (readSoundJson(text)) return findNode(text, path)
	throw new Error("cannot edit index.json: it is no JSON, mend its syntax first")
}

/** Puts a value before the item at `index`, spaced as its neighbours are. */
function insert(text: string, parent: JsonNode, index: number, value: unknown, key?: string): string {
	const items = parent.children ?? []
	const label = key === undefined ? "" : `${JSON.stringify(key)}${colonOf(text, items[0])}`
	const [first, previous, next] = [items[0], items[index - 1], items[index]]
	if (!first) return insertFirst(text, parent, label, value)
	const gap = gapIn(text, parent, items)
	const printed = label + print(text, first.offset, value)
	if (previous) return replace(text, endOf(previous), 0, `,${gap}${printed}`)
	return replace(text, next?.offset ?? first.offset, 0, `${printed},${gap}`)
}

/** What stands between items, without the comma. */
function gapIn(text: string, parent: JsonNode | undefined, [first, second]: JsonNode[]): string {
	if (!first) return ""
	if (second) return text.slice(endOf(first), second.offset).replace(",", "")
	return text.slice((parent?.offset ?? 0) + 1, first.offset)
}

function insertFirst(text: string, parent: JsonNode, label: string, value: unknown): string {
	const { unit, end } = styleOf(text)
	const margin = marginAt(text, parent.offset)
	const inner = end + margin + unit
	const printed = label + (end ? print(text, parent.offset, value, margin + unit) : JSON.stringify(value))
	const content = end ? inner + printed + end + margin : printed
	return replace(text, parent.offset + 1, parent.length - 2, content)
}

/** A value as text, in the document's own style, with later lines as far in as the line it begins on. */
function print(text: string, offset: number, value: unknown, margin = marginAt(text, offset)): string {
	const { unit, end } = styleOf(text)
	return end ? JSON.stringify(value, null, unit).replaceAll("\n", end + margin) : JSON.stringify(value)
}

/** `end` is empty for a document that stands on one line: it stays on one. */
function styleOf(text: string): { unit: string; end: string } {
	const end = /\S\s*?(\r\n|\n)\s*\S/.exec(text)?.[1] ?? ""
	return { unit: /^[ \t]+(?=\S)/m.exec(text)?.[0] ?? "  ", end }
}

function marginAt(text: string, offset: number): string {
	return /^[ \t]*/.exec(text.slice(text.lastIndexOf("\n", offset - 1) + 1, offset))?.[0] ?? ""
}

function colonOf(text: string, sibling: JsonNode | undefined): string {
	const [key, value] = sibling?.children ?? []
	return key && value ? text.slice(endOf(key), value.offset) : ": "
}

function endOf(node: JsonNode): number {
	return node.offset + node.length
}

function replace(text: string, offset: number, length: number, content: string): string {
	return text.slice(0, offset) + content + text.slice(offset + length)
}

function cut(text: string, from: number, to: number): string {
	return text.slice(0, from) + text.slice(to)
}
