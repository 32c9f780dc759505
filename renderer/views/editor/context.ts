import { createContext, useContext } from "react"
import { flushSync } from "react-dom"
import { useStore } from "zustand"
import { useShallow } from "zustand/react/shallow"
import type { Finding } from "../../../core/schema/finding.ts"
import { type JsonPath, printPath } from "../../../core/schema/json-text.ts"
import { type Editing, isDirty } from "../../stores/module-document.ts"
import type { ModuleDocumentStore } from "../../stores/module-documents.ts"
import { countTyped } from "../../stores/source-texts.ts"

/** The document of the editor that a component stands in. */
export const DocumentContext = createContext<ModuleDocumentStore | undefined>(undefined)

export function useDocument(): ModuleDocumentStore {
	const document = useContext(DocumentContext)
	if (!document) throw new Error("cannot use a document outside of the editor")
	return document
}

/** Something of the module that is being edited; only below the editor, which waits until it is open. */
export function useEditing<T>(select: (editing: Editing) => T): T {
	return useStore(
		useDocument().store,
		useShallow((now) => {
			if (now.state !== "open") throw new Error("cannot edit a module that is not open")
			return select(now.editing)
		}),
	)
}

/** Whether something is typed, in index.json or in a source, that is not on disk. */
export function useUnsaved(): boolean {
	const isTyped = useStore(useDocument().sources.store, (now) => countTyped(now) > 0)
	return useEditing(isDirty) || isTyped
}

/** The findings that stand exactly at a place. */
export function useFindings(path: JsonPath): Finding[] | undefined {
	return useEditing(({ checked }) => checked.at.get(printPath(path)))
}

/** Does something, and puts the focus on the field of a place that is there then. */
export function doAndFocus(act: () => void, path: JsonPath): void {
	flushSync(act)
	focusField(path)
}

/** Puts the focus on the field of a place, or of the nearest thing around it; false where there is none. */
export function focusField(path: JsonPath): boolean {
	for (let length = path.length; length > 0; length--) {
		const at = CSS.escape(printPath(path.slice(0, length)))
		const field = document.querySelector<HTMLElement>(`[data-path="${at}"]`)
		if (!field) continue
		field.focus()
		field.scrollIntoView({ block: "nearest" })
		return true
	}
	return false
}
