import { quoted } from "../../schema/plain-text.ts"
import { createInventory, type Inventory, isGroupVar } from "./inventory.ts"
import { gatherProblems, type Parsed, type Problems } from "./problems.ts"
import { isHostVar, type Value, type Vars } from "./read-host.ts"
import { splitWords } from "./split-words.ts"

/** Characters; nobody writes such a line by hand. */
const MAX_LINE = 10_000

type Section = { kind: "hosts" | "children" | "vars" | "unknown"; name: string }

/** An Ansible inventory in its INI form. Pure; never throws. */
export function parseIniInventory(text: string): Parsed {
	const problems = gatherProblems()
	const inventory = createInventory(problems)
	let section: Section = { kind: "hosts", name: "ungrouped" }
	for (const [index, raw] of text
		.replace(/^\ufeff/, "")
		.split(/\r?\n/)
		.entries()) {
		const [line, words] = [index + 1, raw.trim()]
		if (raw.length > MAX_LINE) {
			problems.add(line, `the line is left out: it is longer than ${MAX_LINE} characters`)
			continue
		}
		if (words === "" || /^[#;]/.test(words)) continue
		const head = words.startsWith("[") ? readHead(words) : undefined
		if (head) {
			section = head
			if (head.kind === "unknown") problems.add(line, `section ${quoted(words)} is not understood and is left out`)
			else inventory.group(head.name)
		} else readLine(words, line, section, inventory, problems)
	}
	return { found: inventory.resolve(), problems: problems.list() }
}

/** Undefined where it is a host after all: `[2001:db8::1]:22`, `[a:f].example`. */
function readHead(words: string): Section | undefined {
	const match = /^\[([^\]:\s]+)(?::(\w+))?\]\s*(?:[#;].*)?$/.exec(words)
	if (!match) return undefined
	const [, name = "", kind = "hosts"] = match
	if (kind === "hosts" || kind === "children" || kind === "vars") return { kind, name }
	return /^\w$|^\d+$/.test(name) ? undefined : { kind: "unknown", name }
}

function readLine(words: string, line: number, { kind, name }: Section, inventory: Inventory, problems: Problems) {
	if (kind === "hosts") readHostLine(words, line, name, inventory, problems)
	if (kind === "children") inventory.group(name).children.add(childOf(words, inventory))
	if (kind !== "vars") return
	const variable = /^([^=\s]+)\s*=\s*(.*)$/s.exec(words)
	const [, key = "", value = ""] = variable ?? []
	if (!variable) problems.add(line, `${quoted(words)} is no variable: name=value is needed`)
	else if (isGroupVar(key)) inventory.setVar(name, key, readValue(value, line))
}

function childOf(words: string, inventory: Inventory): string {
	const child = withoutComment(words)
	inventory.group(child)
	return child
}

function withoutComment(words: string): string {
	for (let at = words.indexOf("#"); at >= 0; at = words.indexOf("#", at + 1))
		if (/\s/.test(words[at - 1] ?? "")) return words.slice(0, at).trimEnd()
	return words
}

function readHostLine(words: string, line: number, group: string, inventory: Inventory, problems: Problems): void {
	const parts = splitWords(words, { comments: true })
	if (!parts) {
		problems.add(line, "a quotation mark is never closed")
		return
	}
	const [first = "", ...rest] = parts
	const vars: Vars = new Map()
	for (const word of rest) {
		const at = word.indexOf("=")
		const key = word.slice(0, at)
		if (at <= 0) problems.add(line, `${quoted(word)} is no variable: name=value is needed`)
		else if (isHostVar(key)) vars.set(key, readValue(word.slice(at + 1), line))
	}
	for (const own of inventory.hosts(first, group, line)) for (const [key, value] of vars) own.set(key, value)
}

/**
 * What Ansible takes for a value: a literal of Python, behind which a comment may stand; anything else is text as it is,
 * with what looks like a comment.
 */
function readLiteral(text: string): string {
	const [, , marked, word] =
		/^(?:(["'])((?:(?!\1)[^\\]|\\.)*)\1|(-?(?:0|[1-9]\d*)|True|False))\s*(?:#.*)?$/s.exec(text) ?? []
	return marked?.replace(/\\(["'\\])/g, "$1") ?? word ?? text
}

function readValue(written: string, line: number): Value {
	const text = readLiteral(written)
	return text.startsWith("!vault") || text.startsWith("$ANSIBLE_VAULT")
		? { line, text, opaque: "in a vault" }
		: { line, text }
}
