import { readFileSync } from "node:fs"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { edit, type ModuleDocument, openDocument, redo, undo } from "../../../../../core/schema/document/document.ts"
import type { DocumentEdit } from "../../../../../core/schema/document/edit.ts"
import { readValue, valueAfter, valueAt } from "../../../../../core/schema/document/value.ts"

const specification = readFileSync(new URL("../../../../fixtures/modules/spec/index.json", import.meta.url), "utf8")
const set = (path: (string | number)[], value: unknown): DocumentEdit => ({ kind: "set", path, value })
const stepsOf = (steps: ModuleDocument["past"]): string[] => (steps ? [steps.step.label, ...stepsOf(steps.rest)] : [])
const undoAll = (document: ModuleDocument): ModuleDocument => (document.past ? undoAll(undo(document)) : document)
const redoAll = (document: ModuleDocument): ModuleDocument => (document.future ? redoAll(redo(document)) : document)

describe("one step after the other", () => {
	test("undo and redo go back and forth, byte by byte", () => {
		const opened = openDocument(specification)
		const first = edit(opened, [set(["pools", 0, "id"], "renamed")], { label: "rename" })
		const second = edit(first, [{ kind: "move", path: ["pools", 0], to: 1 }], { label: "move" })
		expect([second.text === first.text, undo(second).text, undo(undo(second)).text]).toEqual([
			false,
			first.text,
			specification,
		])
		expect(redo(undo(second)).text).toBe(second.text)
		expect(redo(redo(undo(undo(second)))).text).toBe(second.text)
		expect([stepsOf(second.past), stepsOf(undo(second).future)]).toEqual([["move", "rename"], ["move"]])
	})

	test("what is done after an undo takes the place of what was undone", () => {
		const first = edit(openDocument(specification), [set(["finalClosure", 0], "true")], { label: "one" })
		const other = edit(undo(first), [set(["finalClosure", 1], "true")], { label: "other" })
		expect([stepsOf(other.past), other.future]).toEqual([["other"], undefined])
	})

	test("where there is nothing to undo or redo, or an edit changes nothing, it is the very same document", () => {
		const opened = openDocument(specification)
		expect(undo(opened)).toBe(opened)
		expect(redo(opened)).toBe(opened)
		expect(edit(opened, [set(["pools", 1, "id"], "backend_config_fix")], { label: "same" })).toBe(opened)
	})

	test("several edits are one step, and none is done where one cannot be", () => {
		const opened = openDocument(specification)
		const both = [set(["pools", 0, "id"], "a"), set(["pools", 1, "id"], "b")]
		expect(undo(edit(opened, both, { label: "two" })).text).toBe(specification)
		expect(() => edit(opened, [...both, set(["pools", 9, "id"], "c")], { label: "three" })).toThrow(/pools\[9\]/)
	})
})

describe("the keys typed in one field", () => {
	const path = ["pools", 0, "description"]
	const type = (document: ModuleDocument, text: string, at = path) =>
		[...text].reduce((one, _, index) => {
			const typed = text.slice(0, index + 1)
			return edit(one, [set(at, typed)], { label: "description", group: "description" })
		}, document)

	test("are one step", () => {
		const typed = type(openDocument(specification), 'a "quoted"\nword')
		expect(valueAt(readValue(typed.text), path)).toBe('a "quoted"\nword')
		expect([stepsOf(typed.past), undo(typed).text]).toEqual([["description"], specification])
		expect(redo(undo(typed)).text).toBe(typed.text)
	})

	test("typed back to what it was leave nothing to undo", () => {
		const opened = openDocument(specification)
		const before = String(valueAt(readValue(specification), path))
		const back = type(type(opened, "x"), before)
		expect([back.text, back.past]).toEqual([specification, undefined])
	})

	test("are two steps when something came between, or an undo", () => {
		const once = type(openDocument(specification), "x")
		const between = edit(once, [set(["pools", 1, "id"], "other")], { label: "rename" })
		expect(stepsOf(type(between, "y").past)).toEqual(["description", "rename", "description"])
		expect(stepsOf(type(undo(between), "y").past)).toEqual(["description", "description"])
		const again = type(redo(undo(once)), "xy")
		expect([stepsOf(again.past), undo(again).text]).toEqual([["description", "description"], once.text])
	})

	test("go to their own place when the text before it changed in the same step", () => {
		const opened = openDocument(specification)
		const grouped = (document: ModuleDocument, edits: DocumentEdit[]) =>
			edit(document, edits, { label: "g", group: "g" })
		const first = grouped(opened, [set(path, "long description of it")])
		const second = grouped(first, [set(["metadata", "description"], "x")])
		const third = grouped(second, [set(path, "short")])
		expect(readValue(third.text)).toMatchObject({
			metadata: { description: "x" },
			pools: [{ description: "short" }, {}],
		})
		expect(undo(third).text).toBe(specification)
	})
})

describe("any sequence of edits", () => {
	const anyText = fc.oneof(fc.string({ unit: "binary", maxLength: 8 }), fc.constantFrom("enabled", "id", "__proto__"))
	const anyEdit: fc.Arbitrary<DocumentEdit> = fc.oneof(
		fc.record({
			kind: fc.constant("set" as const),
			path: fc.constantFrom<(string | number)[]>(
				["pools", 0, "id"],
				["pools", 1, "operations", 0, "destination"],
				["pools", 2],
				["finalClosure", 0],
				["metadata", "x"],
				["metadata", "__proto__"],
			),
			value: fc.oneof(anyText, fc.integer(), fc.record({ id: anyText, list: fc.array(anyText, { maxLength: 3 }) })),
		}),
		fc.record({
			kind: fc.constant("insert" as const),
			path: fc.constantFrom<(string | number)[]>(["pools", 0], ["pools", 0, "closure", 1], ["finalClosure", 0]),
			value: anyText,
		}),
		fc.record({
			kind: fc.constant("remove" as const),
			path: fc.constantFrom<(string | number)[]>(
				["pools", 0],
				["metadata", "description"],
				["finalClosure", 0],
				["pools"],
			),
		}),
		fc.record({
			kind: fc.constant("append" as const),
			path: fc.constantFrom(["pools"], ["pools", 0, "closure"], ["metadata", "new"]),
			values: fc.array(fc.jsonValue(), { maxLength: 3 }),
		}),
		fc.record({ kind: fc.constant("move" as const), path: fc.constant(["pools", 0]), to: fc.nat(2) }),
		fc.record({
			kind: fc.constant("rename" as const),
			path: fc.constant(["metadata", "description"]),
			name: anyText,
		}),
		fc.record({ kind: fc.constant("text" as const), text: fc.constantFrom(specification, "{", "", '{"pools":[]}') }),
	)
	const anyStep = fc.oneof(
		{
			weight: 6,
			arbitrary: fc.record({ edit: anyEdit, group: fc.option(fc.constantFrom("a", "b"), { nil: undefined }) }),
		},
		{ weight: 1, arbitrary: fc.constant("undo" as const) },
		{ weight: 1, arbitrary: fc.constant("redo" as const) },
	)
	type AnyStep = { edit: DocumentEdit; group: string | undefined } | "undo" | "redo"

	function play(document: ModuleDocument, step: AnyStep): ModuleDocument {
		if (step === "undo") return undo(document)
		if (step === "redo") return redo(document)
		try {
			const { group } = step
			return edit(document, [step.edit], { label: step.edit.kind, ...(group === undefined ? {} : { group }) })
		} catch {
			return document
		}
	}

	test("undone to the start gives the same bytes, done again the same end", () => {
		fc.assert(
			fc.property(fc.array(anyStep, { maxLength: 30 }), (steps) => {
				const end = steps.reduce<ModuleDocument>(play, openDocument(specification))
				const start = undoAll(end)
				expect(start.text).toBe(specification)
				const top = redoAll(end)
				expect(redoAll(undoAll(top)).text).toBe(top.text)
			}),
			{ numRuns: 500 },
		)
	})

	test("gives the text that a reading of the whole text at each step gives", () => {
		fc.assert(
			fc.property(fc.array(anyStep, { maxLength: 20 }), (steps) => {
				let document = openDocument(specification)
				for (const step of steps) {
					const fresh = play(openDocument(document.text), step)
					const next = play(document, step)
					if (typeof step !== "string") expect(next.text).toBe(fresh.text)
					document = next
				}
			}),
			{ numRuns: 500 },
		)
	})

	test("a value that is kept beside the text is the one that the text has", () => {
		fc.assert(
			fc.property(fc.array(anyEdit, { maxLength: 10 }), (edits) => {
				let document = openDocument(specification)
				for (const one of edits) {
					const before = readValue(document.text)
					const next = play(document, { edit: one, group: undefined })
					const after = valueAfter(before, [one])
					if (next !== document && after !== "none") expect(after.value).toEqual(readValue(next.text))
					document = next
				}
			}),
			{ numRuns: 300 },
		)
	})
})

test("a value after a set shares what it did not change", () => {
	const before = readValue(specification)
	const after = valueAfter(before, [set(["pools", 1, "id"], "x")])
	if (after === "none") throw new Error("it has to be known")
	expect(valueAt(after.value, ["pools", 0])).toBe(valueAt(before, ["pools", 0]))
	expect(valueAt(after.value, ["pools", 1, "operations"])).toBe(valueAt(before, ["pools", 1, "operations"]))
	expect(valueAt(after.value, ["pools", 1, "id"])).toBe("x")
})
