import { useState } from "react"
import { useStore } from "zustand"
import { ProblemNote } from "../../../components/problem.tsx"
import { isTyped } from "../../../stores/source-text.ts"
import { useDocument } from "../context.ts"
import panes from "../panes.module.css"
import { BinaryFacts } from "./binary-facts.tsx"
import { NoteList } from "./note-list.tsx"
import type { ShownSource } from "./shown-sources.ts"
import { SourceConflict } from "./source-conflict.tsx"
import { SourceHead } from "./source-head.tsx"
import { SourceNotices } from "./source-notices.tsx"
import sourceClasses from "./sources.module.css"
import { TextEditor } from "./text-editor.tsx"

/** One source: what is doubtful about it, and its text where it is one. */
export function SourceView({ shown }: { shown: ShownSource }) {
	const [error, setError] = useState<unknown>()
	return (
		<section className={panes.form} aria-label={`Source ${shown.target}`}>
			<SourceHead shown={shown} onError={setError} />
			<div className={sourceClasses.aboveText}>
				{error !== undefined && <ProblemNote error={error} />}
				<NoteList shown={shown} onError={setError} />
			</div>
			{!shown.isLink && <Content shown={shown} />}
		</section>
	)
}

function Content({ shown }: { shown: ShownSource }) {
	const document = useDocument()
	const now = useStore(document.sources.store, ({ texts }) => texts[shown.target])
	if (now?.state === "failed") {
		return (
			<div className={sourceClasses.aboveText}>
				<ProblemNote error={now.error} onRetry={() => void document.sources.open(shown.target)} />
			</div>
		)
	}
	if (now?.state === "binary") return <BinaryFacts content={now.content} />
	if (now?.state !== "text")
		return <div className={sourceClasses.reading} role="status" aria-label="Reading the file" />
	const { source } = now
	if (source.conflict) return <SourceConflict source={source} theirs={source.conflict} />
	return (
		<>
			<SourceNotices source={source} />
			<TextEditor source={source} />
			<footer className={sourceClasses.foot}>
				<span>{isTyped(source) ? "Ctrl+S saves." : "As on disk."}</span>
				<span>Ctrl+F finds and replaces, Ctrl+Alt+G goes to a line. Esc, then Tab leaves the text.</span>
			</footer>
		</>
	)
}
