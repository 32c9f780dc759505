import fc from "fast-check"
import { expect, test } from "vitest"
import { findNode, readSoundJson } from "../../../../core/schema/json-shallow.ts"
import { type JsonPath, nodeAt, parseJsonText, plainValue } from "../../../../core/schema/json-text.ts"

/** What the tolerant parser says of a whole text. */
function sound(text: string): { value: unknown } | undefined {
	const { root, faults } = parseJsonText(text)
	return root && faults.length === 0 ? { value: plainValue(root) } : undefined
}

const keys = fc.constantFrom("a", "b", "", '"', "\\", "é", "\ud800", "__proto__", "a:b", "x,}]")
const documents = fc.letrec((tie) => ({
	any: fc.oneof({ maxDepth: 4 }, tie("leaf"), tie("list"), tie("object")),
	leaf: fc.oneof(fc.string({ unit: "binary" }), fc.double({ noNaN: true }), fc.boolean(), fc.constant(null)),
	list: fc.array(tie("any"), { maxLength: 4 }),
	object: fc.array(fc.tuple(keys, tie("any")), { maxLength: 4 }).map((entries) => Object.fromEntries(entries)),
})).any
const spaces = fc.constantFrom(undefined, "  ", "\t", 1)

function* pathsOf(value: unknown, path: JsonPath = []): Generator<JsonPath> {
	yield path
	if (typeof value !== "object" || value === null) return
	for (const [key, item] of Object.entries(value))
		yield* pathsOf(item, [...path, Array.isArray(value) ? Number(key) : key])
}

test("a sound text says what the tolerant parser says, and everything in it is found where that finds it", () => {
	fc.assert(
		fc.property(documents, spaces, fc.constantFrom("", " ", "\r\n"), (document, space, around) => {
			const text = around + JSON.stringify(document, null, space) + around
			expect(readSoundJson(text)).toEqual(sound(text))
			for (const path of pathsOf(document)) {
				const { offset, length, type } = nodeAt(parseJsonText(text).root, path) ?? {}
				const found = findNode(text, path)
				expect([found?.offset, found?.length, found?.type]).toEqual([offset, length, type])
				expect(findNode(text, [...path, "not there"])).toBeUndefined()
			}
		}),
		{ numRuns: 200 },
	)
})

test("a text that was damaged is sound exactly where the tolerant parser finds no fault", () => {
	const damages = fc.constantFrom("", ",", '"', "}", "[", "\\", "//x", "\ufeff", "\u0000", '"a":1,', "\n<<<<<<< x\n")
	fc.assert(
		fc.property(documents, damages, fc.nat(), fc.nat(3), (document, damage, at, cut) => {
			const text = JSON.stringify(document, null, 2)
			const place = at % (text.length + 1)
			const damaged = text.slice(0, place) + damage + text.slice(place + cut)
			expect(readSoundJson(damaged)).toEqual(sound(damaged))
		}),
		{ numRuns: 500 },
	)
})

test.each([
	["a key that stands twice", '{"a": 1, "a": 2}'],
	["the same key, written in two ways", '{"a": 1, "\\u0061": 2}'],
	["a key that stands twice further in", '[{"b": [{"a": 1, "a": 1}]}]'],
	["101 levels", "[".repeat(101) + "]".repeat(101)],
	["too many values", `[${"0,".repeat(100_001)}0]`],
	["nothing", ""],
	["a comment", "{} // x"],
])("%s is not sound", (_, text) => {
	expect(readSoundJson(text)).toBeUndefined()
	expect(sound(text)).toBeUndefined()
})

test("100 levels are", () => {
	expect(readSoundJson("[".repeat(100) + "]".repeat(100))).toBeDefined()
})
