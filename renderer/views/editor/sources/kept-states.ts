import type { EditorState } from "@codemirror/state"
import type { ModuleDocumentStore } from "../../../stores/module-documents.ts"

const states = new WeakMap<ModuleDocumentStore, Map<string, EditorState>>()

/** Where somebody left off in each text of a module, by target: the caret and what can be undone. */
export function keptStates(document: ModuleDocumentStore): Map<string, EditorState> {
	const kept = states.get(document) ?? new Map<string, EditorState>()
	states.set(document, kept)
	return kept
}
