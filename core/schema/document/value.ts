import { readSoundJson } from "../json-shallow.ts"
import type { JsonPath } from "../json-text.ts"
import type { DocumentEdit } from "./edit.ts"

/** What a document says, for showing it; undefined where its text is no JSON. */
export function readValue(text: string): unknown {
	return readSoundJson(text)?.value
}

/**
 * The value after edits, without reading the text anew: what is not on the way to a changed value stays the very same
 * object. `none` where only the text can tell.
 */
export function valueAfter(value: unknown, edits: readonly DocumentEdit[]): { value: unknown } | "none" {
	let after = value
	for (const edit of edits) {
		if (edit.kind !== "set" || !hasPath(after, edit.path)) return "none"
		after = withValue(after, edit.path, edit.value)
	}
	return { value: after }
}

/** The value at a path; undefined where there is none. */
export function valueAt(value: unknown, path: JsonPath): unknown {
	return path.reduce<unknown>(
		(at, key) => (isContainer(at) && Object.hasOwn(at, key) ? at[key as keyof typeof at] : undefined),
		value,
	)
}

function hasPath(value: unknown, path: JsonPath): boolean {
	const parent = valueAt(value, path.slice(0, -1))
	const key = path.at(-1)
	return key !== undefined && isContainer(parent) && Object.hasOwn(parent, key)
}

function withValue(value: unknown, path: JsonPath, given: unknown): unknown {
	const [key, ...rest] = path
	if (key === undefined) return given
	if (Array.isArray(value)) return value.map((item, index) => (index === key ? withValue(item, rest, given) : item))
	// As entries, since a key may be called `__proto__`.
	const entries = Object.entries(value as object)
	return Object.fromEntries(entries.map(([name, item]) => [name, name === key ? withValue(item, rest, given) : item]))
}

function isContainer(value: unknown): value is object {
	return typeof value === "object" && value !== null
}
