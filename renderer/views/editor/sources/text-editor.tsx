import { Loader } from "@mantine/core"
import { useEffect, useRef, useState } from "react"
import { ProblemNote } from "../../../components/problem.tsx"
import type { SourceText } from "../../../stores/source-text.ts"
import { useDocument } from "../context.ts"
import type { CodeEditor } from "./code/code-editor.ts"
import { keptStates } from "./kept-states.ts"
import { registerEditor } from "./present-editor.ts"
import classes from "./sources.module.css"

/** The text of a source, to be edited. Loaded when the first text is opened: the page itself stays small. */
export function TextEditor({ source }: { source: SourceText }) {
	const document = useDocument()
	const host = useRef<HTMLDivElement>(null)
	const [editor, setEditor] = useState<CodeEditor>()
	const [error, setError] = useState<unknown>()
	const { target, revision } = source
	const latest = useRef(source.text)
	latest.current = source.text

	useEffect(() => {
		const element = host.current
		if (!element) return undefined
		const root = element.shadowRoot ?? element.attachShadow({ mode: "open" })
		let isGone = false
		let made: CodeEditor | undefined
		const make = async () => {
			const { createCodeEditor } = await import("./code/code-editor.ts")
			if (isGone) return
			const kept = keptStates(document).get(target)
			const onType = (text: string) => document.sources.type(target, text)
			made = createCodeEditor({ root, label: `Text of ${target}`, target, text: latest.current, kept, onType })
			setEditor(made)
		}
		make().catch(setError)
		const free = stopKeys(element)
		return () => {
			isGone = true
			free()
			if (!made) return
			keptStates(document).set(target, made.state())
			made.destroy()
			setEditor(undefined)
		}
	}, [document, target])

	// biome-ignore lint/correctness/useExhaustiveDependencies: only a text that was not typed has a new revision
	useEffect(() => editor?.replace(latest.current), [editor, revision])
	useEffect(() => (editor ? registerEditor(editor) : undefined), [editor])
	return (
		<div className={classes.editorBox}>
			{error !== undefined && <ProblemNote error={error} />}
			{!editor && error === undefined && <Loader size="sm" className={classes.loader} />}
			<div ref={host} className={classes.editorHost} />
		</div>
	)
}

/** What is typed here is no shortcut of the page; saving is. */
function stopKeys(element: HTMLElement): () => void {
	const stop = (event: KeyboardEvent) => {
		const isSave = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s"
		if (!isSave) event.stopPropagation()
	}
	element.addEventListener("keydown", stop)
	return () => element.removeEventListener("keydown", stop)
}
