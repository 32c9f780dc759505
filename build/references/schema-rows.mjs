import { z } from "zod"
import { code } from "./page.mjs"

/** A zod schema as JSON Schema; only what has a name of its own stands behind a reference, in `$defs`. */
export function describeSchema(schema) {
	return z.toJSONSchema(schema, { io: "input", reused: "inline" })
}

/**
 * One row for each key of an object and, below it, for those of the objects in it: its path, what stands there, whether
 * it must, and its description.
 */
export function schemaRows(schema, prefix = "") {
	return Object.entries(schema.properties ?? {}).flatMap(([key, value]) => {
		const path = `${prefix}${key}${isListOfObjects(value) ? "[]" : ""}`
		const inner = isListOfObjects(value) ? value.items : value
		const need = schema.required?.includes(key) ? "required" : (defaultOf(value) ?? "optional")
		return [[code(path), typeOf(value), need, value.description ?? ""], ...schemaRows(inner, `${path}.`)]
	})
}

/** `text`, `list of texts`, `` `a`, `b` ``. */
export function typeOf(schema) {
	if (schema.$ref) return linkTo(schema.$ref.replace(/^.*\//, ""))
	if (schema.const !== undefined) return code(String(schema.const))
	if (schema.enum) return schema.enum.map(code).join(", ")
	if (schema.anyOf) return schema.anyOf.map(typeOf).join(" or ")
	if (schema.type === "array")
		return `list of ${schema.items.type === "object" ? "objects" : `${typeOf(schema.items)}s`}`
	return [schema.type]
		.flat()
		.map((type) => TYPES[type] ?? type)
		.join(" or ")
}

function linkTo(name) {
	return `[${name}](#${name.replaceAll(" ", "-")})`
}

const TYPES = { string: "text", boolean: "true or false", integer: "whole number" }

function defaultOf({ default: value }) {
	if (value === undefined || value === "") return undefined
	return Array.isArray(value) ? "optional" : `${code(JSON.stringify(value))} unless said`
}

function isListOfObjects({ type, items }) {
	return type === "array" && items.type === "object"
}
