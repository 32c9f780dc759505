import {
	type Alias,
	type Document,
	isAlias,
	isMap,
	isScalar,
	LineCounter,
	type Node,
	type Pair,
	parseDocument,
	type YAMLMap,
} from "yaml"
import { quoted } from "../../schema/plain-text.ts"
import { createInventory, type Inventory, isGroupVar } from "./inventory.ts"
import { gatherProblems, type Parsed, type Problems } from "./problems.ts"
import { isHostVar, type Value, type Vars } from "./read-host.ts"

/** Nodes that are looked at: aliases of aliases could stand for any number of them. */
const MAX_NODES = 100_000
/** Looking for what an alias stands for goes through the whole text. */
const MAX_ALIASES = 1000
const MAX_DEPTH = 32
/** Lines and commas: each costs the parser tens of microseconds. */
const MAX_PARTS = 100_000
/** Characters of a value: one of a group is read for each of its hosts. */
const MAX_VALUE = 10_000
/** Brackets within each other: the parser calls itself for each. */
const MAX_NESTING = 200

/** An Ansible inventory in its YAML form. Pure; never throws. */
export function parseYamlInventory(text: string): Parsed {
	const problems = gatherProblems()
	const inventory = createInventory(problems)
	const reader = parseText(text, problems)
	if (reader) readGroups(reader, inventory)
	return { found: reader ? inventory.resolve() : [], problems: problems.list() }
}

interface Reader {
	root: YAMLMap
	problems: Problems
	lineOf(node: unknown): number
	/** What stands there, through an alias too; undefined where there are more than anybody wrote by hand. */
	follow(node: unknown): Node | undefined
}

function parseText(text: string, problems: Problems): Reader | undefined {
	const fault = sizeFault(text)
	if (fault !== undefined) {
		problems.add(undefined, fault)
		return undefined
	}
	const lines = new LineCounter()
	// Everything is text: what `yes`, `022` or `1e3` mean is decided where it is needed.
	const document = parseDocument(text, {
		schema: "failsafe",
		// Its own check compares each key with all others; `pairsOf` tells.
		uniqueKeys: false,
		lineCounter: lines,
		keepSourceTokens: false,
		logLevel: "error",
	})
	for (const { pos, message } of document.errors) problems.add(lines.linePos(pos[0]).line, message.split("\n")[0] ?? "")
	if (document.errors.length > 0) return undefined
	const reader = {
		problems,
		lineOf: (node: unknown) => {
			const range = (node as Node | null | undefined)?.range
			return range ? lines.linePos(range[0]).line : 1
		},
		follow: createFollow(document, problems),
	}
	const root = reader.follow(document.contents)
	if (isMap(root)) return { ...reader, root }
	problems.add(1, "it is no inventory: groups with their hosts are needed")
	return undefined
}

function createFollow(document: Document, problems: Problems): Reader["follow"] {
	const aliases = new Map<Alias, Node | undefined>()
	let seen = 0
	const resolve = (alias: Alias) => {
		if (aliases.size === MAX_ALIASES) problems.add(undefined, `more than ${MAX_ALIASES} aliases; the rest is left out`)
		aliases.set(alias, aliases.size < MAX_ALIASES ? alias.resolve(document) : undefined)
		return aliases.get(alias)
	}
	return (node) => {
		if (++seen === MAX_NODES + 1) problems.add(undefined, `more than ${MAX_NODES} values; the rest is left out`)
		if (seen > MAX_NODES) return undefined
		if (!isAlias(node)) return (node ?? undefined) as Node | undefined
		return aliases.has(node) ? aliases.get(node) : resolve(node)
	}
}

function sizeFault(text: string): string | undefined {
	if (isTooNested(text)) return `it is nested deeper than ${MAX_NESTING} levels`
	const parts = text.match(/[\n,]/g)?.length ?? 0
	return parts > MAX_PARTS ? `it has more than ${MAX_PARTS} lines and commas` : undefined
}

/** Roughly, and never too few: brackets within texts count too, which no inventory has hundreds of. */
function isTooNested(text: string): boolean {
	let depth = 0
	for (const character of text) {
		if (character === "[" || character === "{") depth++
		else if ((character === "]" || character === "}") && depth > 0) depth--
		if (depth > MAX_NESTING) return true
	}
	return /^(?: {200}|(?:- ?){200}|(?:\? ?){200})/m.test(text)
}

function readGroups(reader: Reader, inventory: Inventory): void {
	for (const pair of lastOfEach(reader.root.items, reader)) readGroup(nameOf(pair), pair, 0, reader, inventory)
}

function readGroup(name: string, pair: Pair, depth: number, reader: Reader, inventory: Inventory): void {
	const { problems, lineOf } = reader
	const line = lineOf(pair.key)
	if (depth > MAX_DEPTH) {
		problems.add(line, `groups are more than ${MAX_DEPTH} deep; ${quoted(name)} is left out`)
		return
	}
	const group = inventory.group(name)
	for (const part of pairsOf(pair.value, line, `group ${quoted(name)}`, reader)) {
		const key = nameOf(part)
		const at = lineOf(part.key)
		const children = () => pairsOf(part.value, at, `${key} of ${quoted(name)}`, reader)
		if (key === "hosts") for (const host of children()) readHost(host, name, reader, inventory)
		else if (key === "vars") readGroupVars(children(), name, reader, inventory)
		else if (key === "children") {
			for (const child of children()) {
				if (inventory.group(nameOf(child)) !== group) group.children.add(nameOf(child))
				readGroup(nameOf(child), child, depth + 1, reader, inventory)
			}
		} else problems.add(at, `${quoted(key)} of group ${quoted(name)} is neither hosts, vars nor children`)
	}
}

function readHost(host: Pair, group: string, reader: Reader, inventory: Inventory): void {
	const line = reader.lineOf(host.key)
	const vars = readVars(pairsOf(host.value, line, `host ${quoted(nameOf(host))}`, reader), reader)
	for (const own of inventory.hosts(nameOf(host), group, line)) for (const [key, value] of vars) own.set(key, value)
}

function readGroupVars(pairs: Pair[], group: string, reader: Reader, inventory: Inventory): void {
	for (const pair of pairs) {
		const key = nameOf(pair)
		if (isGroupVar(key)) inventory.setVar(group, key, readValue(pair, reader))
	}
}

function readVars(pairs: Pair[], reader: Reader): Vars {
	const vars: Vars = new Map()
	for (const pair of pairs) {
		const key = nameOf(pair)
		if (isHostVar(key)) vars.set(key, readValue(pair, reader))
	}
	return vars
}

/** The entries of what must be a mapping or nothing. */
function pairsOf(value: unknown, line: number, what: string, reader: Reader): Pair[] {
	const node = reader.follow(value)
	if (isMap(node)) return lastOfEach(node.items, reader)
	if (node !== undefined && !(isScalar(node) && /^(|~|null)$/i.test(String(node.value))))
		reader.problems.add(line, `${what} is no mapping and is left out`)
	return []
}

/** Of a key that stands twice the later one counts, as for Ansible; it is told, and so is what another mapping would bring in. */
function lastOfEach(pairs: Pair[], { problems, lineOf }: Reader): Pair[] {
	const last = new Map<string, Pair>()
	for (const pair of pairs) {
		const name = nameOf(pair)
		if (name === "<<") {
			problems.add(lineOf(pair.key), "`<<` is not followed: what it would bring in is left out")
			continue
		}
		if (last.has(name)) problems.add(lineOf(pair.key), `${quoted(name)} stands twice, and only this one counts`)
		last.set(name, pair)
	}
	return [...last.values()]
}

function nameOf({ key }: Pair): string {
	return isScalar(key) ? String(key.value) : ""
}

function readValue({ key, value }: Pair, reader: Reader): Value {
	const node = reader.follow(value)
	const line = reader.lineOf(node ?? key)
	if (!isScalar(node)) return { line, text: "", opaque: node === undefined ? "nothing" : "no text" }
	if (node.tag === "!vault") return { line, text: "", opaque: "in a vault" }
	const text = String(node.value)
	if (text.length > MAX_VALUE) return { line, text: "", opaque: `longer than ${MAX_VALUE} characters` }
	return { line, text, ...(node.tag === "!unsafe" && { isPlain: true }) }
}
