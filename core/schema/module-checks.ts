import type { z } from "zod"
import { type Draft, faultAt, nearestNode, warningAt } from "./draft.ts"
import { childOf, type Found, type JsonNode, type JsonPath, keyOf, nodeAt, nodesAt } from "./json-text.ts"
import { metadataSchema, moduleSchema, operationSchema, permissionsSchema, poolSchema } from "./module.ts"
import { listRules, numberRules, type RuleOptions, textRules, type ValueRule } from "./module-rules.ts"
import { quoted } from "./plain-text.ts"

/** Missing keys and wrong types: what the schema says, at its place. `remedy`: how a missing key is added. */
export function* checkShape(
	root: JsonNode,
	issues: z.core.$ZodIssue[],
	remedy: (key: string) => string = remedyFor,
): Generator<Draft> {
	for (const issue of issues) {
		const path = issue.path.filter((segment) => typeof segment !== "symbol")
		const node = nearestNode(root, path)
		const key = String(path.at(-1) ?? "")
		if (!nodeAt(root, path)) yield faultAt(node, path, "missing", `${quoted(key)} is missing`, remedy(key))
		else yield faultAt(node, path, "wrong-type", `${typeName(node)} stands here`, `write ${expectedBy(issue)}`)
	}
}

/** What each value must be: the rule table, row by row. */
export function* checkValues(root: JsonNode, options: Required<RuleOptions>): Generator<Draft> {
	for (const rule of textRules) yield* checkRule(root, rule, options, (node) => asType(node, "string"))
	for (const rule of numberRules) yield* checkRule(root, rule, options, (node) => asType(node, "number"))
	for (const rule of listRules) yield* checkRule(root, rule, options, lengthOf)
}

/** Pool ids once in the module. */
export function* checkPoolIds(root: JsonNode): Generator<Draft> {
	const seen = new Map<unknown, JsonPath>()
	for (const { node, path } of nodesAt(root, ["pools", "*", "id"])) {
		if (node.type !== "string") continue
		if (!seen.has(node.value)) seen.set(node.value, path)
		else
			yield faultAt(node, path, "pool-id-twice", `another pool is called ${quoted(node.value)}`, "rename one of them")
	}
}

/** Destinations once in a pool, none inside another; shared by two pools: allowed, the later pool wins. */
export function* checkDestinations(root: JsonNode): Generator<Draft> {
	const inOtherPools = new Map<string, string>()
	for (const pool of nodesAt(root, ["pools", "*"])) {
		const destinations = [...nodesAt(pool.node, ["operations", "*", "destination"])].filter(
			({ node }) => node.type === "string",
		)
		const inPool = new Set(destinations.map(({ node }) => normalDestination(String(node.value))))
		yield* checkPoolDestinations(pool.path, destinations, inPool, inOtherPools)
		for (const destination of inPool) {
			if (!inOtherPools.has(destination)) inOtherPools.set(destination, poolName(pool))
		}
	}
}

/** Keys nobody knows: kept, never dropped, but said, since a slip of the pen looks the same. */
export function* checkKeys(root: JsonNode): Generator<Draft> {
	for (const [at, known] of knownKeys) {
		for (const { node, path } of nodesAt(root, at)) {
			if (node.type !== "object") continue
			for (const key of (node.children ?? []).map(keyOf)) {
				if (!key || known.includes(key.value)) continue
				yield warningAt(
					key,
					[...path, key.value],
					"unknown-key",
					"this key is unknown and has no effect",
					keyRemedy(key.value, known),
				)
			}
		}
	}
}

const knownKeys: [at: JsonPath, keys: string[]][] = [
	[[], Object.keys(moduleSchema.shape)],
	[["metadata"], Object.keys(metadataSchema.shape)],
	[["pools", "*"], Object.keys(poolSchema.shape)],
	[["pools", "*", "operations", "*"], Object.keys(operationSchema.shape)],
	[["pools", "*", "operations", "*", "permissions"], Object.keys(permissionsSchema.shape)],
]

function* checkPoolDestinations(
	pool: JsonPath,
	destinations: Found[],
	inPool: Set<string>,
	inOtherPools: Map<string, string>,
): Generator<Draft> {
	const seen = new Set<string>()
	for (const found of destinations) {
		const value = normalDestination(String(found.node.value))
		const path = [...pool, ...found.path]
		const outer = foldersAbove(value).find((folder) => inPool.has(folder))
		const other = inOtherPools.get(value)
		if (seen.has(value)) yield twiceInPool(found.node, path)
		else if (other !== undefined) yield sharedByPools(found.node, path, other)
		if (outer !== undefined) yield insideAnother(found.node, path, outer)
		seen.add(value)
	}
}

function twiceInPool(node: JsonNode, path: JsonPath): Draft {
	const message = `this pool has another operation for ${quoted(node.value)}`
	return faultAt(node, path, "destination-twice", message, "keep one operation for each destination")
}

function sharedByPools(node: JsonNode, path: JsonPath, other: string): Draft {
	const message = `pool ${quoted(other)} writes ${quoted(node.value)} too`
	return warningAt(
		node,
		path,
		"destination-shared",
		message,
		"put both into one pool, or be sure that the later pool shall win",
	)
}

function insideAnother(node: JsonNode, path: JsonPath, outer: string): Draft {
	const message = `this pool makes ${quoted(outer)} a file, so nothing can lie below it`
	return faultAt(node, path, "destination-inside-another", message, "correct one of the two destinations")
}

/** `/etc//x` and `/etc/./x` are faults of their own, and name the same file as `/etc/x`. */
function normalDestination(destination: string): string {
	if (!destination.startsWith("/")) return destination
	const parts: string[] = []
	for (const part of destination.split("/")) {
		if (part === "..") parts.pop()
		else if (part !== "" && part !== ".") parts.push(part)
	}
	return `/${parts.join("/")}`
}

/** `/a/b/c` lies in `/a` and `/a/b`. Bounded: nothing deeper than 64 folders is looked at. */
function foldersAbove(path: string): string[] {
	const folders: string[] = []
	for (let end = path.indexOf("/", 1); end > 0 && folders.length < 64; end = path.indexOf("/", end + 1)) {
		folders.push(path.slice(0, end))
	}
	return folders
}

function* checkRule<T>(
	root: JsonNode,
	rule: ValueRule<T>,
	options: Required<RuleOptions>,
	read: (node: JsonNode) => T | undefined,
): Generator<Draft> {
	for (const { node, path } of nodesAt(root, rule.at)) {
		const value = read(node)
		if (value === undefined || !rule.isWrong(value, options)) continue
		yield faultAt(node, path, rule.rule, rule.message(value), rule.remedy)
	}
}

function asType<T extends "string" | "number">(node: JsonNode, type: T) {
	return node.type === type ? node.value : undefined
}

function lengthOf(node: JsonNode): number | undefined {
	return node.type === "array" ? (node.children?.length ?? 0) : undefined
}

function poolName(pool: Found): string {
	return String(childOf(pool.node, "id")?.value ?? pool.path.at(-1))
}

const typeNames: Record<string, string> = {
	string: "a text in double quotes",
	number: "a number",
	boolean: "true or false",
	null: "null",
	array: "a list",
	object: "an object",
}

function typeName(node: JsonNode): string {
	return node.type === "boolean" ? String(node.value) : (typeNames[node.type] ?? node.type)
}

function expectedBy(issue: z.core.$ZodIssue): string {
	if (issue.code === "invalid_type") return typeNames[issue.expected] ?? issue.expected
	if (issue.code === "invalid_union")
		return issue.errors.map(([first]) => (first ? expectedBy(first) : "")).join(" or ")
	return "another value"
}

const remedies: Record<string, string> = {
	metadata: 'add "metadata": {"schema_version": "1.0.0"}',
	schema_version: 'add "schema_version": "1.0.0"',
	pools: 'add "pools": [...] with at least one pool',
	id: 'add "id", a short name of letters, digits, dots, dashes and underscores',
	operations: 'add "operations": [{"target": "src/...", "destination": "/..."}]',
	closure: 'add "closure": [...] with at least one command',
	target: 'add "target", the file below src/',
	destination: 'add "destination", the absolute path on the appliance',
}

function remedyFor(key: string): string {
	return remedies[key] ?? `add ${quoted(key)}`
}

function keyRemedy(key: string, known: string[]): string {
	const meant = known.find((candidate) => looseKey(candidate) === looseKey(key))
	return meant
		? `write ${quoted(meant)} if that is meant`
		: `leave it if another program reads it; known here are ${known.join(", ")}`
}

/** `final_closure`, `FinalClosures` and `finalClosure` are one word to a tired person. */
function looseKey(key: string): string {
	return key
		.toLowerCase()
		.replace(/[^a-z]/g, "")
		.replace(/s$/, "")
}
