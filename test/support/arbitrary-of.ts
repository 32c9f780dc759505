import fc from "fast-check"
import { z } from "zod"

type Schema = {
	type?: string
	const?: unknown
	enum?: unknown[]
	anyOf?: Schema[]
	oneOf?: Schema[]
	allOf?: Schema[]
	properties?: Record<string, Schema>
	required?: string[]
	additionalProperties?: Schema | boolean
	items?: Schema
	minItems?: number
	maxItems?: number
	pattern?: string
	maxLength?: number
	minLength?: number
	minimum?: number
	maximum?: number
	exclusiveMinimum?: number
	$ref?: string
	$defs?: Record<string, Schema>
}

/** Values that a schema takes, made from the schema itself: whatever is added to it is tried without a word here. */
export function arbitraryOf(schema: z.ZodType): fc.Arbitrary<unknown> {
	const whole = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as Schema
	return make(whole, whole)
}

function make(schema: Schema, whole: Schema): fc.Arbitrary<unknown> {
	if (schema.$ref !== undefined) return make(whole.$defs?.[schema.$ref.split("/").at(-1) ?? ""] ?? {}, whole)
	if ("const" in schema) return fc.constant(schema.const)
	if (schema.enum) return fc.constantFrom(...schema.enum)
	const choices = schema.anyOf ?? schema.oneOf
	if (choices) return fc.oneof(...choices.map((choice) => make(choice, whole)))
	switch (schema.type) {
		case "object":
			return makeObject(schema, whole)
		case "array":
			return fc.array(make(schema.items ?? {}, whole), {
				minLength: schema.minItems ?? 0,
				maxLength: schema.maxItems ?? 3,
			})
		case "string":
			return makeString(schema)
		case "number":
			// Without -0, which no JSON has.
			return fc
				.double({
					min: schema.exclusiveMinimum ?? schema.minimum ?? -1e9,
					max: schema.maximum ?? 1e9,
					noNaN: true,
					minExcluded: schema.exclusiveMinimum !== undefined,
				})
				.map((value) => (value === 0 ? 0 : value))
		case "integer": {
			const least = schema.exclusiveMinimum === undefined ? (schema.minimum ?? -1e9) : schema.exclusiveMinimum + 1
			return fc.integer({ min: Math.max(least, -(2 ** 31)), max: Math.min(schema.maximum ?? 2 ** 31, 2 ** 31 - 1) })
		}
		case "boolean":
			return fc.boolean()
		case "null":
			return fc.constant(null)
		default:
			return fc.jsonValue({ maxDepth: 1 })
	}
}

function makeObject({ properties = {}, required = [], additionalProperties }: Schema, whole: Schema) {
	const model = Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, make(value, whole)]))
	const object = fc.record(model, { requiredKeys: required.filter((key) => key in model) })
	if (typeof additionalProperties !== "object" || Object.keys(properties).length > 0) return object
	return fc.dictionary(fc.string({ maxLength: 8 }), make(additionalProperties, whole), { maxKeys: 3 })
}

function makeString({ pattern, minLength = 0, maxLength = 20 }: Schema): fc.Arbitrary<string> {
	if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern))
	return fc.string({ minLength, maxLength: Math.max(minLength, Math.min(maxLength, 20)) })
}

/** What nobody honest sends. */
const hostile: fc.Arbitrary<unknown> = fc.oneof(
	fc.constantFrom(
		null,
		"",
		-1,
		0,
		1e308,
		Number.MAX_SAFE_INTEGER,
		0.5,
		true,
		[],
		{},
		"\0",
		"../../etc/passwd",
		"\u202e\u001b[2J",
	),
	fc.constant("x".repeat(100_000)),
	fc.constant(Array.from({ length: 1000 }, () => ({}))),
	fc.constant(JSON.parse('{"__proto__": {"polluted": true}, "constructor": {"prototype": {"polluted": true}}}')),
	fc.constant({ ["k".repeat(50_000)]: null }),
	fc.jsonValue(),
)

/** A value with one to three places exchanged for something hostile, taken away or added. */
export function mutatedOf(values: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
	const change = fc.record({ at: fc.nat(), what: fc.constantFrom("replace", "remove", "add"), by: hostile })
	return fc
		.tuple(values, fc.array(change, { minLength: 1, maxLength: 3 }))
		.map(([value, changes]) => changes.reduce<unknown>(mutate, structuredClone(value)))
}

function mutate(value: unknown, change: { at: number; what: string; by: unknown }): unknown {
	const { at, what } = change
	// Its own each time: one that is put into itself would be no JSON.
	const by = structuredClone(change.by)
	const holder = { value }
	const places: { inside: Record<string, unknown>; key: string }[] = []
	const walk = (inside: Record<string, unknown>) => {
		for (const key of Object.keys(inside)) {
			places.push({ inside, key })
			const next = inside[key]
			if (typeof next === "object" && next !== null) walk(next as Record<string, unknown>)
		}
	}
	walk(holder)
	const place = places[at % places.length]
	if (!place) return value
	if (what === "remove" && Array.isArray(place.inside)) place.inside.splice(Number(place.key), 1)
	else if (what === "remove" && place.inside !== holder) delete place.inside[place.key]
	else if (what === "add" && !Array.isArray(place.inside)) place.inside[`${place.key}2`] = by
	else place.inside[place.key] = by
	return holder.value
}
