import { edit, type ModuleDocument, openDocument, redo, undo } from "../../core/schema/document/document.ts"
import type { Action } from "../../core/schema/document/pool-edits.ts"
import { readValue, valueAfter, valueAt } from "../../core/schema/document/value.ts"
import type { Failure } from "../../core/schema/failure.ts"
import type { Finding } from "../../core/schema/finding.ts"
import type { LibraryOpened, ModuleChange } from "../../core/schema/library.ts"

/** What is shown of a module's `index.json` at the right of the list. */
export type Selected = { part: "module" } | { part: "pool"; index: number } | { part: "final" }

/** What somebody else wrote while something was typed here. Absent `text`: no file any more, or no text. */
export interface Theirs {
	text?: string | undefined
	digest?: string | undefined
}

/**
 * A module that is being edited. The text is the truth; `value` is what it says, for showing it. What is typed leaves
 * `document` only by undo: a conflict, a lost folder or a failed save leave it as it is.
 */
export interface Editing {
	folder: string
	/** As last told: the files on disk with their findings, and how they stand to what was published. */
	module: LibraryOpened
	document: ModuleDocument
	/** Undefined where the text is no JSON. */
	value: unknown
	/** The raw view was typed in since `value` was read. */
	isValueBehind: boolean
	/** The text on disk that the typing began from. */
	base: { text: string; digest?: string | undefined }
	/** Drafts that the typing began from; they go with it. */
	takenUp: string[]
	/** Digests of what was saved from here and is still to be told, oldest first: news may come after a later save. */
	saved: readonly string[]
	checked: Checked
	selected: Selected
	/** The text that is being saved just now. */
	saving?: string | undefined
	/** Set while two texts wait for a person to choose; nothing is saved then. */
	conflict?: Theirs | undefined
	/** Their text, to be merged by hand. */
	merging?: string | undefined
	/** What happened without the person's doing. */
	notice?: "draft-restored" | "taken-over" | undefined
	/** The folder cannot be read just now. */
	gone?: Failure | undefined
	/** What did not succeed last. */
	problem?: { kind: "save" | "draft" | "follow"; error: unknown } | { kind: "edit"; reason: string } | undefined
}

/** Findings, and the document that they are of. */
export interface Checked {
	document: ModuleDocument
	findings: Finding[]
	/** By JSON path. */
	at: ReadonlyMap<string, Finding[]>
}

const MAX_SAVED = 20

export function isDirty({ document, base }: Pick<Editing, "document" | "base">): boolean {
	return base.digest === undefined || document.text !== base.text
}

/** A module as it is opened; a draft of it is taken up, since nothing that was typed is lost. */
export function openEditing(module: LibraryOpened): Editing {
	const document = openDocument(module.text)
	const opened: Editing = {
		folder: module.folder,
		module,
		document,
		value: readValue(module.text),
		isValueBehind: false,
		base: { text: module.text, digest: module.textDigest },
		takenUp: [],
		saved: [],
		checked: makeChecked(document, module.findings),
		selected: { part: "pool", index: 0 },
	}
	const draft = module.drafts.find(({ target }) => target === undefined)
	if (!draft || draft.text === module.text) return opened
	const restored = {
		...withText(opened, draft.text, "restore what was typed"),
		takenUp: [draft.id],
		notice: "draft-restored" as const,
	}
	const isOfThis = draft.base === module.textDigest
	return isOfThis ? restored : { ...restored, conflict: { text: module.text, digest: module.textDigest } }
}

/** Does something to the document; what cannot be done is said and changes nothing. `group`: see `Step`. */
export function withAction(editing: Editing, { label, edits }: Action, group?: string): Editing {
	try {
		const document = edit(editing.document, edits, group === undefined ? { label } : { label, group })
		if (document === editing.document) return editing
		const after = editing.isValueBehind ? "none" : valueAfter(editing.value, edits)
		const value = after === "none" ? readValue(document.text) : after.value
		return settled({ ...editing, document, value, isValueBehind: false, problem: lasting(editing) })
	} catch (error) {
		return { ...editing, problem: { kind: "edit", reason: error instanceof Error ? error.message : String(error) } }
	}
}

/** A whole text at once, as one step that can be undone. */
export function withText(editing: Editing, text: string, label: string): Editing {
	return withAction(editing, { label, edits: [{ kind: "text", text }] })
}

/** A key typed in the raw view: what the text says is read when somebody asks, `withValue`. */
export function withRawText(editing: Editing, text: string, group: string): Editing {
	const document = edit(editing.document, [{ kind: "text", text }], { label: "edit index.json", group })
	return document === editing.document
		? editing
		: { ...editing, document, isValueBehind: true, problem: lasting(editing) }
}

export function withValue(editing: Editing): Editing {
	if (!editing.isValueBehind) return editing
	return settled({ ...editing, value: readValue(editing.document.text), isValueBehind: false })
}

export function withUndo(editing: Editing): Editing {
	return withDocument(editing, undo(editing.document))
}

export function withRedo(editing: Editing): Editing {
	return withDocument(editing, redo(editing.document))
}

function withDocument(editing: Editing, document: ModuleDocument): Editing {
	if (document === editing.document) return editing
	return settled({
		...editing,
		document,
		value: readValue(document.text),
		isValueBehind: false,
		problem: lasting(editing),
	})
}

/** What typing does not end: that it is not kept. */
function lasting({ problem }: Editing): Editing["problem"] {
	return problem?.kind === "draft" ? problem : undefined
}

/** What is selected stays something that is there. */
function settled(editing: Editing): Editing {
	const { selected, value } = editing
	if (selected.part !== "pool") return editing
	const last = Math.max(0, poolsOf(value).length - 1)
	return selected.index <= last ? editing : { ...editing, selected: { part: "pool", index: last } }
}

export function poolsOf(value: unknown): unknown[] {
	const pools = valueAt(value, ["pools"])
	return Array.isArray(pools) ? pools : []
}

/** The module after one change of its files. */
export function withChange(editing: Editing, change: ModuleChange): Editing {
	if (change.type === "unreadable") return { ...editing, gone: change.failure }
	if (change.type === "snapshot") {
		const { module } = change
		return withTold({ ...editing, module, gone: undefined }, { text: module.text, digest: module.textDigest }, false)
	}
	const { index, sources, removed, links, findings, standing, digest } = change
	const other = new Set([...removed, ...sources.map(({ target }) => target)])
	const kept = editing.module.sources.filter(({ target }) => !other.has(target))
	const module = {
		...editing.module,
		...(index && { text: index.text, textDigest: index.textDigest }),
		sources: [...kept, ...sources].sort((a, b) => (a.target < b.target ? -1 : 1)),
		links,
		findings,
		digest,
		standing,
	}
	const changed = { ...editing, module, gone: undefined }
	// Without a text of its own it says nothing of index.json, whose last told text may be older than what was saved.
	return index ? withTold(changed, { text: index.text, digest: index.textDigest }, change.own) : changed
}

/** The text on disk is another one: ours, taken over where nothing is typed, else a conflict. */
function withTold(before: Editing, told: { text: string; digest: string }, isOwn: boolean): Editing {
	const at = before.saved.indexOf(told.digest)
	const isOvertaken = at >= 0 && at < before.saved.lastIndexOf(before.base.digest ?? "")
	// News come in order: of this save and those before it there are no more.
	const editing = { ...before, saved: before.saved.slice(at + 1) }
	if (told.digest === editing.base.digest) return withoutOther(editing, told.digest)
	if (isOwn && isOvertaken) return editing
	if (told.text === editing.saving || told.text === editing.document.text) return withBase(editing, told)
	if (isDirty(editing) || editing.saving !== undefined) return { ...editing, conflict: told }
	const label = isOwn ? "take over the new version" : "take over what was changed outside"
	const taken = { ...withText(editing, told.text, label), base: told, conflict: undefined }
	return isOwn ? taken : { ...taken, notice: "taken-over" }
}

/** What was in the way is not there any more. A draft of another text waits for a person though nobody wrote. */
function withoutOther(editing: Editing, digest: string): Editing {
	const { conflict } = editing
	return conflict && conflict.digest !== digest ? { ...editing, conflict: undefined } : editing
}

function withBase(editing: Editing, base: { text: string; digest?: string | undefined }): Editing {
	return { ...editing, base, conflict: undefined, problem: undefined }
}

/** The text is on disk, unless something that was written there since was told first. */
export function withSaved(editing: Editing, text: string, digest: string): Editing {
	const isTold = editing.base.digest === digest
	const saved = isTold ? editing.saved : [...editing.saved, digest].slice(-MAX_SAVED)
	const { conflict } = editing
	const settled = { saving: undefined, notice: undefined, merging: undefined }
	return { ...withBase(editing, { text, digest }), conflict, saved, ...settled }
}

/** Nothing that was typed shall stand; what is on disk does, and that is another text where somebody wrote meanwhile. */
export function withDiscarded(editing: Editing): Editing {
	if (editing.conflict?.text !== undefined) return takeTheirs(editing)
	return { ...withText(editing, editing.base.text, "go back to what was saved"), notice: undefined }
}

/** Ours shall stand: the next save writes over theirs. */
export function keepOurs(editing: Editing): Editing {
	const { conflict } = editing
	if (!conflict) return editing
	return withBase(editing, { text: conflict.text ?? "", digest: conflict.digest })
}

/** Theirs shall stand; ours is one undo away. */
export function takeTheirs(editing: Editing): Editing {
	const { conflict } = editing
	if (conflict?.text === undefined) return editing
	return { ...keepOurs(withText(editing, conflict.text, "take their version")), notice: undefined }
}

/** Ours stays in the raw view, theirs beside it. */
export function mergeByHand(editing: Editing): Editing {
	return { ...keepOurs(editing), merging: editing.conflict?.text }
}

/** Whether a person may save now. */
export function canSave(editing: Editing): boolean {
	return isDirty(editing) && !editing.conflict && editing.saving === undefined
}

export function makeChecked(document: ModuleDocument, findings: Finding[]): Checked {
	return { document, findings, at: Map.groupBy(findings, ({ path }) => path) }
}
