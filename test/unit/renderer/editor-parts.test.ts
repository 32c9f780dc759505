import { expect, test } from "vitest"
import type { LibraryModule } from "../../../core/schema/library.ts"
import { unifiedDiff } from "../../../core/schema/unified-diff.ts"
import { rowsOf } from "../../../renderer/components/side-by-side-rows.ts"
import { countByPart } from "../../../renderer/views/editor/finding-counts.ts"
import { placeOf } from "../../../renderer/views/editor/pools/place-of.ts"
import { type Choice, shownModules } from "../../../renderer/views/library/shown-modules.ts"

/** What a list is after its item `from` was taken out and put in at `to`. */
function moved(from: number, to: number): string {
	const list = [..."abcd"]
	list.splice(to, 0, ...list.splice(from, 1))
	return list.join("")
}

test.each<[number, number, "before" | "after", string]>([
	[0, 2, "before", "bacd"],
	[0, 2, "after", "bcad"],
	[3, 1, "before", "adbc"],
	[3, 1, "after", "abdc"],
	[1, 1, "before", "abcd"],
	[1, 1, "after", "abcd"],
	[1, 2, "before", "abcd"],
	[2, 1, "after", "abcd"],
])("item %i dropped at %i, %s", (from, over, edge, result) => {
	expect(moved(from, placeOf(from, over, edge))).toBe(result)
})

test("findings are counted by the part that they stand in", () => {
	const finding = (path: string, severity: "fault" | "warning") => ({
		...{ path, severity, rule: "r", line: 1, column: 1, message: "m", remedy: "r" },
	})
	const counts = countByPart([
		finding("$.pools[1].id", "fault"),
		finding("$.pools[1].closure[0]", "warning"),
		finding("$.finalClosure[0]", "warning"),
		finding("$.metadata.schema_version", "fault"),
		finding("$.pools", "fault"),
	])
	expect(counts).toEqual({
		module: { faults: 2, warnings: 0 },
		final: { faults: 0, warnings: 1 },
		pools: new Map([[1, { faults: 1, warnings: 1 }]]),
	})
})

test("a diff stands side by side, what was removed beside what came in its place", () => {
	const rows = rowsOf(unifiedDiff("a\nb\nc\n", "a\nB\nB2\nc\n", { before: "x", after: "y" }))
	expect(rows).toEqual([
		{ kind: "gap", text: "line 1" },
		{ kind: "same", left: { line: 1, text: "a" }, right: { line: 1, text: "a" } },
		{ kind: "changed", left: { line: 2, text: "b" }, right: { line: 2, text: "B" } },
		{ kind: "changed", left: undefined, right: { line: 3, text: "B2" } },
		{ kind: "same", left: { line: 3, text: "c" }, right: { line: 4, text: "c" } },
	])
	expect(rowsOf("")).toEqual([])
})

test("lines that look like a diff's own are shown as what they are", () => {
	const rows = rowsOf(unifiedDiff("x\n-- a\n", "x\n++ b\n", { before: "x", after: "y" }))
	expect(rows.at(-1)).toEqual({ kind: "changed", left: { line: 2, text: "-- a" }, right: { line: 2, text: "++ b" } })
})

const one: LibraryModule = {
	...{ folder: "/l/one", name: "one", isOwn: true, isArchived: false, faults: 0, warnings: 0 },
	working: { state: "never-published" },
}
const modules: LibraryModule[] = [
	{ ...one, name: "fix-10", description: "Disk", changedAt: "2026-01-03" },
	{ ...one, name: "fix-9", changedAt: "2026-01-01", faults: 2 },
	{ ...one, name: "gone", isArchived: true },
	{ ...one, name: "new", changedAt: "2026-01-02", warnings: 5 },
	{ ...one, name: "unread", problem: { code: "module-unreadable", data: { path: "/l" } } },
]

test.each<[string, Partial<Choice>, string[]]>([
	["the one that was changed last first", {}, ["fix-10", "new", "fix-9", "unread"]],
	["by name, numbers as numbers", { order: "name" }, ["fix-9", "fix-10", "new", "unread"]],
	["what cannot be read, then faults, then warnings", { order: "findings" }, ["unread", "fix-9", "new", "fix-10"]],
	["every word somewhere", { search: "FIX disk" }, ["fix-10"]],
	["a word nowhere", { search: "fix nowhere" }, []],
	["the archived ones", { archived: true }, ["gone"]],
])("modules: %s", (_, choice, names) => {
	const shown = shownModules(modules, { search: "", order: "recent", archived: false, ...choice })
	expect(shown.map(({ name }) => name)).toEqual(names)
})
