import { expect, test } from "vitest"
import { readValue, valueAt } from "../../../core/schema/document/value.ts"
import type { LibraryOpened, ModuleChange } from "../../../core/schema/library.ts"
import {
	canSave,
	type Editing,
	isDirty,
	keepOurs,
	mergeByHand,
	openEditing,
	takeTheirs,
	withAction,
	withChange,
	withDiscarded,
	withRawText,
	withSaved,
	withText,
	withUndo,
	withValue,
} from "../../../renderer/stores/module-document.ts"

const text = '{ "metadata": { "schema_version": "1.0.0" }, "pools": [ { "id": "a" }, { "id": "b" } ] }'
const standing = { working: { state: "changed" }, repository: { state: "none" }, problems: [] } as const
const source = { target: "x", size: 1, digest: "d", used: true, isExecutable: false }

function opened(change: Partial<LibraryOpened> = {}): LibraryOpened {
	const base = { folder: "/m", name: "m", findings: [], sources: [source], isArchived: false }
	return { ...base, text, textDigest: digestOf(text), standing: { ...standing, problems: [] }, drafts: [], ...change }
}

/** Any text has its own; what it is made of does not matter here. */
function digestOf(of: string): string {
	return `digest of ${of}`
}

function changed(to: string, own = false): ModuleChange {
	const index = { text: to, textDigest: digestOf(to) }
	const told = { standing: { ...standing, problems: [] }, sources: [], removed: [], findings: [] }
	return { type: "changed", seq: 2, own, index, ...told }
}

const typed = (editing: Editing, id: string) =>
	withAction(editing, { label: "rename", edits: [{ kind: "set", path: ["pools", 0, "id"], value: id }] }, "id")
const idOf = ({ value }: Editing) => valueAt(value, ["pools", 0, "id"])
const draft = (of: string, base: string) => [
	{ id: "1", text: of, base: digestOf(base), keptAt: "2026-11-28T00:00:00Z" },
]

test("opened as it is, there is nothing to save or undo", () => {
	const editing = openEditing(opened())
	expect([isDirty(editing), canSave(editing), editing.document.past]).toEqual([false, false, undefined])
})

test("what is typed is to be saved, and typed back it is not", () => {
	const editing = typed(openEditing(opened()), "c")
	expect([isDirty(editing), canSave(editing), idOf(editing)]).toEqual([true, true, "c"])
	expect(editing.value).toEqual(readValue(editing.document.text))
	expect(isDirty(typed(editing, "a"))).toBe(false)
	expect(isDirty(withUndo(editing))).toBe(false)
})

test("a draft of this text is taken up and can be undone", () => {
	const editing = openEditing(opened({ drafts: draft("[1]", text) }))
	expect(editing.takenUp).toEqual(draft("[1]", text).map(({ id }) => id))
	expect([editing.document.text, editing.notice, editing.conflict]).toEqual(["[1]", "draft-restored", undefined])
	expect(withUndo(editing).document.text).toBe(text)
})

test("a draft of another text is a conflict, and both are there", () => {
	const editing = openEditing(opened({ drafts: draft("[1]", "older") }))
	expect([editing.document.text, editing.conflict?.text, canSave(editing)]).toEqual(["[1]", text, false])
	expect(takeTheirs(editing).document.text).toBe(text)
	expect(withUndo(takeTheirs(editing)).document.text).toBe("[1]")
})

test("a draft of a source is not the index's", () => {
	const drafts = [{ ...draft("[1]", text)[0], id: "1", target: "x", text: "[1]", keptAt: "2026-11-28T00:00:00Z" }]
	expect(openEditing(opened({ drafts })).document.text).toBe(text)
})

test("a change from outside is taken over where nothing is typed, as a step", () => {
	const editing = withChange(openEditing(opened()), changed("[2]"))
	expect([editing.document.text, isDirty(editing), editing.notice]).toEqual(["[2]", false, "taken-over"])
	expect(withUndo(editing).document.text).toBe(text)
	expect(isDirty(withUndo(editing))).toBe(true)
})

test("our own change is taken over without a word", () => {
	expect(withChange(openEditing(opened()), changed("[2]", true)).notice).toBeUndefined()
})

test("a change from outside while something is typed is a conflict that loses nothing", () => {
	const before = typed(openEditing(opened()), "mine")
	const editing = withChange(before, changed("[2]"))
	expect([editing.document.text, editing.conflict?.text, canSave(editing)]).toEqual([
		before.document.text,
		"[2]",
		false,
	])

	const ours = keepOurs(editing)
	expect([ours.document.text, ours.base, canSave(ours)]).toEqual([
		before.document.text,
		{ text: "[2]", digest: digestOf("[2]") },
		true,
	])
	const theirs = takeTheirs(editing)
	expect([theirs.document.text, isDirty(theirs), theirs.conflict]).toEqual(["[2]", false, undefined])
	expect(idOf(withUndo(theirs))).toBe("mine")
	const merging = mergeByHand(editing)
	expect([idOf(merging), merging.merging, merging.base.text, merging.conflict]).toEqual([
		"mine",
		"[2]",
		"[2]",
		undefined,
	])
})

test("while a text is being saved, its own news is no conflict, and another's is", () => {
	const before = typed(openEditing(opened()), "mine")
	const saving = { ...typed(before, "mine and more"), saving: before.document.text }
	const told = withChange(saving, changed(before.document.text, true))
	expect([told.conflict, told.base.text, isDirty(told)]).toEqual([undefined, before.document.text, true])
	expect(withChange(saving, changed("[2]")).conflict?.text).toBe("[2]")
})

test("news of an earlier save that comes after a later one changes nothing, somebody else's of the same text does", () => {
	const first = typed(openEditing(opened()), "first")
	const savedOnce = withSaved(first, first.document.text, digestOf(first.document.text))
	const second = typed(savedOnce, "second")
	const savedTwice = withSaved(second, second.document.text, digestOf(second.document.text))
	expect(idOf(withChange(savedTwice, changed(first.document.text, true)))).toBe("second")
	expect(idOf(withChange(savedTwice, changed(first.document.text, false)))).toBe("first")
})

test("news of sources alone say nothing of index.json, which was saved and is not told yet", () => {
	const first = typed(openEditing(opened()), "first")
	const saved = withSaved(first, first.document.text, digestOf(first.document.text))
	const { index: _, ...ofSources } = changed(text, true) as ModuleChange & { type: "changed" }
	const told = withChange(saved, { ...ofSources, sources: [{ ...source, target: "a" }] })
	expect([idOf(told), told.module.sources.length, isDirty(told)]).toEqual(["first", 2, false])
})

test("a save that is told after an older snapshot is taken over", () => {
	const first = typed(openEditing(opened()), "first")
	const saved = withSaved(first, first.document.text, digestOf(first.document.text))
	const older = withChange(saved, { type: "snapshot", seq: 1, module: opened() })
	expect(idOf(older)).toBe("a")
	expect(idOf(withChange(older, changed(first.document.text, true)))).toBe("first")
})

test("a text that was saved and told may come back through the library", () => {
	const first = typed(openEditing(opened()), "first")
	const told = withChange({ ...first, saving: first.document.text }, changed(first.document.text, true))
	const second = typed(withSaved(told, first.document.text, digestOf(first.document.text)), "second")
	const saved = withSaved(second, second.document.text, digestOf(second.document.text))
	const both = withChange(saved, changed(second.document.text, true))
	expect(idOf(both)).toBe("second")
	expect(idOf(withChange(both, changed(first.document.text, true)))).toBe("first")
})

test("a conflict ends when what was in the way is gone again, not while a draft of another text waits", () => {
	const before = typed(openEditing(opened()), "mine")
	const other = withChange(before, changed("[2]"))
	const back = withChange(other, changed(text))
	expect([idOf(back), back.conflict, canSave(back)]).toEqual(["mine", undefined, true])
	const drafts = draft("[1]", "older")
	const waiting = openEditing(opened({ drafts }))
	expect(withChange(waiting, changed(text)).conflict?.text).toBe(text)
})

test("what was written right after a save, and told before its answer, stays a conflict", () => {
	const first = typed(openEditing(opened()), "first")
	const told = withChange({ ...first, saving: first.document.text }, changed("[2]"))
	const saved = withSaved(told, first.document.text, digestOf(first.document.text))
	expect([idOf(saved), saved.conflict?.text]).toEqual(["first", "[2]"])
})

test("a conflict does not outlive what is taken over", () => {
	const first = typed(openEditing(opened()), "first")
	const saving = withChange({ ...first, saving: first.document.text }, changed(first.document.text, true))
	const foreign = withChange(saving, changed("[2]"))
	const saved = withSaved(foreign, first.document.text, digestOf(first.document.text))
	const after = withChange(saved, changed("[3]"))
	expect([after.document.text, after.conflict]).toEqual(["[3]", undefined])
})

test("going back to what was saved is going to what is on disk", () => {
	const restored = openEditing(opened({ drafts: draft("[1]", text) }))
	expect(withDiscarded(restored).document.text).toBe(text)
	const discarded = withDiscarded(withChange(restored, changed("[2]")))
	expect([discarded.document.text, isDirty(discarded), discarded.conflict, discarded.notice]).toEqual([
		"[2]",
		false,
		undefined,
		undefined,
	])
	const removed = withDiscarded({ ...restored, conflict: { text: undefined } })
	expect([removed.document.text, removed.conflict]).toEqual([text, { text: undefined }])
})

test("a snapshot after a lost connection is a change like any other", () => {
	const editing = withChange(
		{ ...openEditing(opened()), gone: undefined },
		{
			type: "snapshot",
			seq: 1,
			module: opened({ text: "[3]", textDigest: digestOf("[3]") }),
		},
	)
	expect([editing.document.text, editing.notice]).toEqual(["[3]", "taken-over"])
})

test("a folder that cannot be read is said and keeps what is typed", () => {
	const before = typed(openEditing(opened()), "mine")
	const failure = { code: "module-unreadable", data: { path: "/m" } } as const
	const gone = withChange(before, { type: "unreadable", seq: 3, failure })
	expect([gone.gone, idOf(gone)]).toEqual([failure, "mine"])
	expect(withChange(gone, { type: "snapshot", seq: 4, module: opened() }).gone).toBeUndefined()
})

test("sources are put, replaced and removed by target", () => {
	const change = { ...changed(text), sources: [{ ...source, target: "a" }], removed: ["x"] } as ModuleChange
	const { module } = withChange(openEditing(opened()), change)
	expect(module.sources.map(({ target }) => target)).toEqual(["a"])
})

test("what cannot be done is said and changes nothing", () => {
	const editing = openEditing(opened())
	const after = withAction(editing, { label: "x", edits: [{ kind: "set", path: ["pools", 9, "id"], value: "" }] })
	expect(after.document).toBe(editing.document)
	expect(after.problem).toMatchObject({ kind: "edit", reason: expect.stringContaining("pools[9]") })
})

test("in the raw view the value comes later, and no JSON is no value", () => {
	const raw = withRawText(openEditing(opened()), "{ broken", "raw")
	expect([raw.isValueBehind, idOf(raw)]).toEqual([true, "a"])
	expect(withValue(raw).value).toBeUndefined()
	expect(idOf(withUndo(withValue(raw)))).toBe("a")
})

test("an edit that comes before the value was read is of the text", () => {
	const raw = withRawText(openEditing(opened()), text.replace('"a"', '"raw"'), "raw")
	const after = withAction(raw, { label: "x", edits: [{ kind: "set", path: ["pools", 1, "id"], value: "c" }] })
	expect(after.value).toEqual(readValue(text.replace('"a"', '"raw"').replace('"b"', '"c"')))
})

test("what is selected stays something that is there", () => {
	const editing: Editing = { ...openEditing(opened()), selected: { part: "pool", index: 1 } }
	expect(withText(editing, '{"pools": [{}]}', "x").selected).toEqual({ part: "pool", index: 0 })
})
