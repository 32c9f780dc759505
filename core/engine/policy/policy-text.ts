import { z } from "zod"
import { nearestNode } from "../../schema/draft.ts"
import { type JsonPath, type JsonText, parseJsonText, pathAt, plainValue, printPath } from "../../schema/json-text.ts"
import { quoted } from "../../schema/plain-text.ts"
import { type Glob, parseGlob } from "./glob.ts"

/** A pattern as it stands in the file, with its place there. */
export interface PolicyEntry {
	/** JSON path, for example `$.deny[0]`. */
	place: string
	glob: Glob
}

/** What may be written on an appliance; without `allow` everything that is not denied. */
export interface Policy {
	allow?: PolicyEntry[]
	deny: PolicyEntry[]
}

const pattern = z.string("write a text").superRefine((text, context) => {
	const parsed = parseGlob(text)
	if ("fault" in parsed) context.addIssue(`${quoted(text)}: ${parsed.fault}: ${parsed.remedy}`)
})
const patterns = z.array(pattern, "write a list of patterns").max(1000, "keep it within 1000 patterns").optional()
const policySchema = z.strictObject(
	{ version: z.literal(1, "write 1: this runner knows no other"), allow: patterns, deny: patterns },
	"write an object",
)

/** A policy, or all that is wrong with its text: each with line, column and JSON path. */
export function parsePolicy(bytes: Uint8Array): { policy: Policy } | { faults: string[] } {
	const text = readText(bytes)
	if (text === undefined) return { faults: ["1:1: $: this is no UTF-8 text"] }
	const json = parseJsonText(text)
	if (!json.root || json.faults.length > 0) return { faults: json.faults.map((fault) => printFault(json, fault)) }
	const { root } = json
	const parsed = policySchema.safeParse(plainValue(root))
	if (parsed.success) return { policy: makePolicy(parsed.data) }
	const faults = parsed.error.issues.flatMap(placesOf).map(({ path, message }) => {
		const { line, column } = json.placeAt(nearestNode(root, path).offset)
		return `${line}:${column}: ${printPath(path)}: ${message}`
	})
	return { faults }
}

function readText(bytes: Uint8Array): string | undefined {
	try {
		return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes)
	} catch {
		// What `fatal` says of other bytes.
		return undefined
	}
}

function printFault({ root, placeAt }: JsonText, { offset, message }: JsonText["faults"][number]): string {
	const { line, column } = placeAt(offset)
	return `${line}:${column}: ${printPath(pathAt(root, offset))}: ${message}`
}

function placesOf(issue: z.core.$ZodIssue): { path: JsonPath; message: string }[] {
	const path = issue.path.map((segment) => (typeof segment === "symbol" ? String(segment) : segment))
	if (issue.code !== "unrecognized_keys") return [{ path, message: issue.message }]
	return issue.keys.map((key) => ({ path: [...path, key], message: "this runner does not know the key: take it out" }))
}

function makePolicy({ allow, deny = [] }: z.output<typeof policySchema>): Policy {
	const read = (key: string, texts: string[]) => texts.flatMap((text, index) => entryOf(`$.${key}[${index}]`, text))
	return { ...(allow ? { allow: read("allow", allow) } : {}), deny: read("deny", deny) }
}

function entryOf(place: string, text: string): PolicyEntry[] {
	const glob = parseGlob(text)
	return "fault" in glob ? [] : [{ place, glob }]
}
