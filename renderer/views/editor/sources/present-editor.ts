import { createStore } from "zustand/vanilla"
import type { CodeEditor } from "./code/code-editor.ts"

/** The text editor that is on the screen, for what stands around it: find, go to a line. */
export const presentEditor = createStore<{ editor?: CodeEditor | undefined }>(() => ({}))

export function registerEditor(editor: CodeEditor): () => void {
	presentEditor.setState({ editor })
	return () => presentEditor.setState((now) => (now.editor === editor ? { editor: undefined } : now))
}
