import { z } from "zod"
import { poolOutcomeSchema } from "./outcome.ts"
import { quoted } from "./plain-text.ts"

/** How two values are compared; `=` for versions means: begins with. */
export type Comparison = "=" | "<" | "<=" | ">" | ">="

/** One condition of a filter; any of its values will do. */
export type FilterTerm = { isNot: boolean } & (
	| { kind: "any" }
	| { kind: "text" | "tag" | "name" | "host" | "os"; values: string[] }
	| { kind: "node"; values: { compare: Comparison; version: string }[] }
	| { kind: "module"; values: ModuleAt[] }
	| { kind: "outcome"; values: LastOutcome[] }
	| { kind: "seen"; values: Seen[] }
	| { kind: "is"; values: Reach[] }
)

/** A module that stands applied, at any version where none is named. */
export type ModuleAt = { name: string; compare: Comparison; version?: string }
/** Never, or longer ago (`isOlder`) or not as long ago as so many milliseconds. */
type Seen = { never: true } | { never: false; isOlder: boolean; ms: number }

export const lastOutcomes = [...poolOutcomeSchema.options, "not-started", "running", "lost", "none"] as const
export type LastOutcome = (typeof lastOutcomes)[number]
export const reaches = ["reachable", "unreachable", "untested"] as const
export type Reach = (typeof reaches)[number]

export type FleetFilter = FilterTerm[]
export type ReadFilter = { ok: true; filter: FleetFilter } | { ok: false; fault: string }

/** Characters of a filter, and its conditions. */
export const MAX_FILTER = 1000
const MAX_TERMS = 50

export const fleetGroupSchema = z.object({
	name: z
		.string()
		.trim()
		.min(1)
		.max(60)
		.regex(/^[^\p{Cc}\p{Cf}]*$/u),
	filter: z
		.string()
		.trim()
		.min(1)
		.max(MAX_FILTER)
		.refine((text) => readFilter(text).ok, "a filter"),
})
/** A filter with a name. */
export type FleetGroup = z.infer<typeof fleetGroupSchema>

/**
 * Reads a filter: conditions with spaces between them, all of which must hold; values with commas between them, any of
 * which will do; `-` before a condition for its opposite; quotation marks around what has spaces. Without conditions it
 * fits everything.
 */
export function readFilter(text: string): ReadFilter {
	if (text.length > MAX_FILTER) return { ok: false, fault: `it is longer than ${MAX_FILTER} characters` }
	const words = splitTerms(text)
	if (!words) return { ok: false, fault: "a quotation mark is not closed" }
	if (words.length > MAX_TERMS) return { ok: false, fault: `it has more than ${MAX_TERMS} conditions` }
	const filter: FleetFilter = []
	for (const word of words) {
		const term = readTerm(word)
		if (typeof term === "string") return { ok: false, fault: term }
		filter.push(term)
	}
	return { ok: true, filter }
}

interface Word {
	isNot: boolean
	key?: string
	values: string[]
}

/** Undefined where a quotation mark is not closed. */
function splitTerms(text: string): Word[] | undefined {
	const words: Word[] = []
	let rest = text.trim()
	while (rest !== "") {
		const head = /^(-?)(?:([a-z]+):)?/.exec(rest)
		rest = rest.slice(head?.[0].length)
		const word: Word = { isNot: head?.[1] === "-", ...(head?.[2] && { key: head[2] }), values: [""] }
		while (rest !== "" && !/^\s/.test(rest)) {
			const part = /^(?:"([^"]*)"|([^\s",]+)|(,))/.exec(rest)
			if (!part) return undefined
			rest = rest.slice(part[0].length)
			if (part[3]) word.values.push("")
			else word.values.push((word.values.pop() ?? "") + (part[1] ?? part[2] ?? ""))
		}
		words.push({ ...word, values: word.values.filter(Boolean) })
		rest = rest.trimStart()
	}
	return words
}

const KEYS = ["tag", "name", "host", "os", "node", "module", "outcome", "seen", "is"] as const

/** The condition that a word is, or what is wrong with it. */
function readTerm({ isNot, key, values }: Word): FilterTerm | string {
	if (key === undefined && values.length === 1 && values[0] === "*") return { isNot, kind: "any" }
	if (values.length === 0) return key === undefined ? "a condition is empty" : `${key}: has no value`
	switch (key) {
		case undefined:
			return { isNot, kind: "text", values: values.map(lower) }
		case "tag":
		case "name":
		case "host":
		case "os":
			return { isNot, kind: key, values: values.map(lower) }
		case "node":
			return readAll(values, readNode, (all) => ({ isNot, kind: "node", values: all }))
		case "module":
			return readAll(values, readModule, (all) => ({ isNot, kind: "module", values: all }))
		case "outcome":
			return readAll(values, oneOf("outcome", lastOutcomes), (all) => ({ isNot, kind: "outcome", values: all }))
		case "seen":
			return readAll(values, readSeen, (all) => ({ isNot, kind: "seen", values: all }))
		case "is":
			return readAll(values, oneOf("is", reaches), (all) => ({ isNot, kind: "is", values: all }))
		default:
			return `${quoted(`${key}:`)} is not known: ${KEYS.join(", ")}`
	}
}

const lower = (text: string) => text.toLowerCase()

function readAll<T>(
	values: string[],
	read: (value: string) => { value: T } | string,
	make: (all: T[]) => FilterTerm,
): FilterTerm | string {
	const all: T[] = []
	for (const one of values) {
		const result = read(one)
		if (typeof result === "string") return result
		all.push(result.value)
	}
	return make(all)
}

function oneOf<T extends string>(key: string, known: readonly T[]) {
	return (text: string): { value: T } | string => {
		const value = known.find((one) => one === text.toLowerCase())
		return value === undefined ? `${key}: ${quoted(text)} is none of ${known.join(", ")}` : { value }
	}
}

const VERSION = /^v?(\d+(?:\.\d+)*)$/

function readNode(text: string) {
	const { compare, rest } = splitComparison(text)
	const version = VERSION.exec(rest)?.[1]
	return version === undefined
		? `node: ${quoted(text)} is no version, for example 18 or >=20.1`
		: { value: { compare, version } }
}

/** `fix`, `fix@1.2.0`, `fix@<1.2.0` */
function readModule(text: string): { value: ModuleAt } | string {
	const at = text.lastIndexOf("@")
	if (at < 0) return { value: { name: text, compare: "=" } }
	const { compare, rest } = splitComparison(text.slice(at + 1))
	if (!/^\d/.test(rest) || at === 0) return `module: ${quoted(text)} is none: NAME, NAME@1.2.0 or NAME@<1.2.0`
	return { value: { name: text.slice(0, at), compare, version: rest } }
}

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }

/** `<7d` within the last seven days, `>7d` longer ago, `never`. */
function readSeen(text: string): { value: Seen } | string {
	if (text === "never") return { value: { never: true } }
	const [, sign, count, unit = ""] = /^([<>])(\d{1,5})([mhdw])$/.exec(text) ?? []
	if (sign === undefined)
		return `seen: ${quoted(text)} is none: <7d (within), >30d (longer ago), with m, h, d or w, or never`
	return { value: { never: false, isOlder: sign === ">", ms: Number(count) * (UNITS[unit] ?? 0) } }
}

function splitComparison(text: string): { compare: Comparison; rest: string } {
	const [, sign = "", rest = ""] = /^(<=|>=|<|>|=)?(.*)$/s.exec(text) ?? []
	return { compare: (sign || "=") as Comparison, rest }
}
