import { findValue } from "../edit-index.ts"
import { type JsonPath, printPath } from "../json-text.ts"
import { type DocumentEdit, editText } from "./edit.ts"
import { applySplice, invertSplice, isEmptySplice, type Splice, spliceBetween } from "./splice.ts"

/**
 * An `index.json` that is being edited, with all that was done to it. Never changed: each edit gives a new document, and
 * undoing back to the start gives the very bytes that it was opened with.
 */
export interface ModuleDocument {
	readonly text: string
	/** The newest step, and those before it; undefined where there is nothing to undo. */
	readonly past: Steps | undefined
	/** The step that was undone last, and those undone before it. */
	readonly future: Steps | undefined
	/** The value that was set last, where it stands: the next key typed there needs no reading of the whole text. */
	readonly lastSet?: SetValue | undefined
}

export interface Steps {
	readonly step: Step
	readonly rest: Steps | undefined
}

/** What one undo takes back. */
export interface Step {
	/** What was done, for "Undo ...": for example `rename pool`. */
	readonly label: string
	/** Edits of the same group one after the other are one step: the keys typed in one field. */
	readonly group: string | undefined
	readonly splice: Splice
}

interface SetValue {
	readonly path: string
	readonly offset: number
	readonly length: number
}

export function openDocument(text: string): ModuleDocument {
	return { text, past: undefined, future: undefined }
}

/**
 * The document after some edits, as one step; the very same document when they change nothing. Throws like `editText`;
 * then nothing is done, not even the edits before the one that cannot be.
 */
export function edit(
	document: ModuleDocument,
	edits: readonly DocumentEdit[],
	{ label, group }: { label: string; group?: string },
): ModuleDocument {
	const { splice, lastSet } = spliceOf(document, edits)
	if (isEmptySplice(splice)) return document
	const text = applySplice(document.text, splice)
	const last = document.past?.step
	if (group === undefined || last?.group !== group || document.future) {
		return { text, past: { step: { label, group, splice }, rest: document.past }, future: undefined, lastSet }
	}
	const joined = join(last.splice, splice) ?? spliceBetween(applySplice(document.text, invertSplice(last.splice)), text)
	const rest = document.past?.rest
	// Typed back to what it was: there is nothing to undo any more.
	if (isEmptySplice(joined)) return { text, past: rest, future: undefined, lastSet }
	return { text, past: { step: { label, group, splice: joined }, rest }, future: undefined, lastSet }
}

/** The document before its newest step; the very same where there is none. */
export function undo(document: ModuleDocument): ModuleDocument {
	const { past, future } = document
	if (!past) return document
	const text = applySplice(document.text, invertSplice(past.step.splice))
	return { text, past: past.rest, future: { step: past.step, rest: future } }
}

/** The document with the step done again that was undone last; the very same where there is none. */
export function redo(document: ModuleDocument): ModuleDocument {
	const { past, future } = document
	if (!future) return document
	const text = applySplice(document.text, future.step.splice)
	// Without its group: what is typed next is another step.
	return { text, past: { step: { ...future.step, group: undefined }, rest: past }, future: future.rest }
}

/** The splice of some edits; a single value that is set again where it was set last is found without reading the text. */
function spliceOf(
	document: ModuleDocument,
	edits: readonly DocumentEdit[],
): { splice: Splice; lastSet?: SetValue | undefined } {
	const [only] = edits
	if (edits.length === 1 && only?.kind === "set") {
		const found = findSet(document, only.path)
		if (found && isScalar(only.value)) return setSplice(document.text, found, only)
	}
	const after = edits.reduce((text, one) => editText(text, one), document.text)
	return { splice: spliceBetween(document.text, after) }
}

function findSet({ text, lastSet }: ModuleDocument, path: JsonPath): { offset: number; length: number } | undefined {
	return lastSet?.path === printPath(path) ? lastSet : findValue(text, path)
}

function setSplice(
	text: string,
	{ offset, length }: { offset: number; length: number },
	{ path, value }: { path: JsonPath; value: unknown },
): { splice: Splice; lastSet: SetValue } {
	const inserted = JSON.stringify(value)
	return {
		splice: { offset, removed: text.slice(offset, offset + length), inserted },
		lastSet: { path: printPath(path), offset, length: inserted.length },
	}
}

function isScalar(value: unknown): boolean {
	return value === null || ["string", "number", "boolean"].includes(typeof value)
}

/** Two splices as one, where the later one replaces exactly what the earlier one put there. */
function join(earlier: Splice, later: Splice): Splice | undefined {
	if (earlier.offset !== later.offset || earlier.inserted !== later.removed) return undefined
	return { ...later, removed: earlier.removed }
}
