import { readFileSync } from "node:fs"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { appendItems, insertItem, removeValue, setValue } from "../../../../core/schema/edit-index.ts"
import { type JsonPath, nodeAt, parseJsonText, plainValue } from "../../../../core/schema/json-text.ts"

const specification = readFileSync(new URL("../../../fixtures/modules/spec/index.json", import.meta.url), "utf8")
const lines = (text: string) => text.split("\n")
/** Lines that only one of two texts has. */
const difference = (before: string, after: string) => ({
	gone: lines(before).filter((line) => !lines(after).includes(line)),
	come: lines(after).filter((line) => !lines(before).includes(line)),
})

describe("the specification's example", () => {
	test("one value changes one line, the blank at a line's end stays", () => {
		const after = setValue(specification, ["metadata", "schema_version"], "1.2.0")
		expect(difference(specification, after)).toEqual({
			gone: ['    "schema_version": "1.1.0",'],
			come: ['    "schema_version": "1.2.0",'],
		})
		expect(after).toContain('"target": "src/header.tsx", \n')
		expect(setValue(after, ["metadata", "schema_version"], "1.1.0")).toBe(specification)
	})

	test("a new key stands last in its object, in the document's own style", () => {
		const after = setValue(specification, ["pools", 1, "confirmSeconds"], 60)
		expect(after).toContain('        "systemctl restart gunicorn"\n      ],\n      "confirmSeconds": 60\n    }\n')
		expect(removeValue(after, ["pools", 1, "confirmSeconds"])).toBe(specification)
	})

	test("a new operation and its removal", () => {
		const path = ["pools", 0, "operations", 3]
		const after = setValue(specification, path, { target: "src/x", destination: "/x" })
		expect(difference(specification, after)).toEqual({
			gone: [],
			come: ['          "target": "src/x",', '          "destination": "/x"'],
		})
		expect(removeValue(after, path)).toBe(specification)
	})

	test("a command put in the middle", () => {
		const after = insertItem(specification, ["pools", 0, "closure", 1], "npm ci")
		expect(difference(specification, after)).toEqual({ gone: [], come: ['        "npm ci",'] })
		expect(JSON.parse(after).pools[0].closure.slice(0, 3)).toEqual(["cd /var/www/homeserver", "npm ci", "npm build"])
	})
})

const rows: [text: string, edit: (text: string) => string, after: string][] = [
	["[1,2]", (text) => removeValue(text, [1]), "[1]"],
	["[1,2]", (text) => removeValue(text, [0]), "[2]"],
	["[ 1 ]", (text) => removeValue(text, [0]), "[]"],
	["[1, 2]", (text) => setValue(text, [2], 3), "[1, 2, 3]"],
	["[1, 2]", (text) => insertItem(text, [0], 0), "[0, 1, 2]"],
	["[1, 2]", (text) => appendItems(text, [], [3, 4]), "[1, 2, 3, 4]"],
	[
		'{"a": [\n    1 ]}',
		(text) => appendItems(text, ["a"], [{ b: 2 }]),
		'{"a": [\n    1,\n    {\n        "b": 2\n    } ]}',
	],
	['{"a": []}', (text) => appendItems(text, ["a"], [1]), '{"a": [1]}'],
	['{"b": 1}', (text) => appendItems(text, ["a"], [1, 2]), '{"b": 1,"a": [1,2]}'],
	["[]", (text) => insertItem(text, [0], { a: 1 }), '[{"a":1}]'],
	["{}", (text) => setValue(text, ["a", "b", 0], 1), '{"a": {"b":[1]}}'],
	['{"a" :1}', (text) => setValue(text, ["b"], 2), '{"a" :1,"b" :2}'],
	['{"a":1,"b":2,"c":3}', (text) => removeValue(text, ["b"]), '{"a":1,"c":3}'],
	['{"a":1}', (text) => removeValue(text, ["b"]), '{"a":1}'],
	[
		'{\r\n\t"a": {}\r\n}\r\n',
		(text) => setValue(text, ["a", "b"], [1]),
		'{\r\n\t"a": {\r\n\t\t"b": [\r\n\t\t\t1\r\n\t\t]\r\n\t}\r\n}\r\n',
	],
	[
		'{\n\t"a": [\n\t\t1\n\t]\n}',
		(text) => setValue(text, ["a", 1], { b: 2 }),
		'{\n\t"a": [\n\t\t1,\n\t\t{\n\t\t\t"b": 2\n\t\t}\n\t]\n}',
	],
	['{"a": 1}', (text) => setValue(text, [], { b: 2 }), '{"b":2}'],
	['{"__proto__": 1}', (text) => setValue(text, ["__proto__"], 2), '{"__proto__": 2}'],
]
test.each(rows)("%j", (text, edit, after) => expect(edit(text)).toBe(after))

const refused: [name: string, edit: () => string][] = [
	["text with a syntax fault", () => setValue('{"a": 1,}', ["a"], 2)],
	["an index beyond the list", () => setValue("[1]", [5], 2)],
	["a key in a list", () => setValue("[1]", ["a"], 2)],
	["a list where there is none", () => setValue("{}", ["a", 3], 2)],
	["an insertion into an object", () => insertItem('{"a": 1}', ["a", 0], 2)],
	["an append to an object", () => appendItems('{"a": {"b": 1}}', ["a"], [2])],
	["an insertion beyond the end", () => insertItem("[1]", [2], 2)],
]
test.each(refused)("%s is refused with a reason", (_, edit) => expect(edit).toThrow(/^cannot /))

/** Every path of a value. */
function pathsOf(value: unknown, path: JsonPath = []): JsonPath[] {
	if (typeof value !== "object" || value === null) return [path]
	const entries = Object.entries(value).map(([key, item]) => [Array.isArray(value) ? Number(key) : key, item] as const)
	return [path, ...entries.flatMap(([key, item]) => pathsOf(item, [...path, key]))]
}

const json = fc
	.jsonValue({ maxDepth: 4, noUnicodeString: false })
	.map((value) => JSON.parse(JSON.stringify(value)) as unknown)
const spacing = fc.constantFrom(undefined, "  ", "\t", "\n", " ")
const document = fc.tuple(json, spacing).map(([value, space]) => JSON.stringify(value, null, space))
const valueAt = (text: string, path: JsonPath) => {
	const node = nodeAt(parseJsonText(text).root, path)
	return node && plainValue(node)
}

describe("any document", () => {
	test("a replaced value is read back, and every byte around it stays", () => {
		fc.assert(
			fc.property(document, json, fc.nat(), (text, value, pick) => {
				const paths = pathsOf(JSON.parse(text))
				const path = paths[pick % paths.length] ?? []
				const node = nodeAt(parseJsonText(text).root, path)
				const after = setValue(text, path, value)
				expect(valueAt(after, path)).toEqual(value)
				expect(after.startsWith(text.slice(0, node?.offset))).toBe(true)
				expect(after.endsWith(text.slice((node?.offset ?? 0) + (node?.length ?? 0)))).toBe(true)
			}),
			{ numRuns: 200 },
		)
	})

	test("an added value is read back, and nothing that was there is touched", () => {
		fc.assert(
			fc.property(document, json, fc.nat(), (text, value, pick) => {
				const paths = pathsOf(JSON.parse(text)).filter(
					(path) => typeof valueAt(text, path) === "object" && valueAt(text, path),
				)
				if (paths.length === 0) return
				const path = paths[pick % paths.length] ?? []
				const parent = valueAt(text, path) as object
				const key = Array.isArray(parent) ? parent.length : "a key that is new"
				const after = setValue(text, [...path, key], value)
				const expected = setAt(JSON.parse(text), path, key, value)
				expect(JSON.parse(after)).toEqual(expected)
				// What is inserted is one piece: the rest are the text's own beginning and end.
				if (Object.keys(parent).length > 0) expect(isOneInsertion(text, after)).toBe(true)
			}),
			{ numRuns: 200 },
		)
	})

	test("a removed value is gone, and only it", () => {
		fc.assert(
			fc.property(document, fc.nat(), (text, pick) => {
				const paths = pathsOf(JSON.parse(text)).filter((path) => path.length > 0)
				if (paths.length === 0) return
				const path = paths[pick % paths.length] ?? []
				const after = removeValue(text, path)
				expect(JSON.parse(after)).toEqual(removeAt(JSON.parse(text), path))
				expect(isOneInsertion(after, text)).toBe(true)
			}),
			{ numRuns: 200 },
		)
	})
})

function isOneInsertion(before: string, after: string): boolean {
	let start = 0
	while (start < before.length && before[start] === after[start]) start += 1
	return after.endsWith(before.slice(start))
}

function containerAt(root: unknown, path: JsonPath): Record<string | number, unknown> {
	return path.reduce((value, key) => (value as Record<string | number, unknown>)[key], root) as Record<
		string | number,
		unknown
	>
}

function setAt(root: unknown, path: JsonPath, key: string | number, value: unknown): unknown {
	containerAt(root, path)[key] = value
	return root
}

function removeAt(root: unknown, path: JsonPath): unknown {
	const parent = containerAt(root, path.slice(0, -1))
	const key = path.at(-1) ?? ""
	if (Array.isArray(parent)) parent.splice(Number(key), 1)
	else delete parent[key]
	return root
}
