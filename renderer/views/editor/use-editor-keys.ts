import { useEffect } from "react"
import type { ModuleDocumentStore } from "../../stores/module-documents.ts"

/** Save, undo and redo, wherever the focus is: the fields' own undo would know nothing of the document. */
export function useEditorKeys(document: ModuleDocumentStore): void {
	useEffect(() => {
		const press = (event: KeyboardEvent) => {
			if (!(event.ctrlKey || event.metaKey) || event.altKey) return
			const act = actOf(event, document)
			// A dialog's own fields keep their keys.
			if (!act || window.document.querySelector("[role=dialog]")) return
			event.preventDefault()
			act()
		}
		window.addEventListener("keydown", press)
		return () => window.removeEventListener("keydown", press)
	}, [document])
}

function actOf({ key, shiftKey }: KeyboardEvent, document: ModuleDocumentStore): (() => void) | undefined {
	const name = key.toLowerCase()
	if (name === "s" && !shiftKey) return () => void document.save()
	if (name === "z") return shiftKey ? document.redo : document.undo
	if (name === "y" && !shiftKey) return document.redo
	return undefined
}
