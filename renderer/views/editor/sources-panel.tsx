import { useEffect, useMemo } from "react"
import { useStore } from "zustand"
import { useShallow } from "zustand/react/shallow"
import { typedTargets } from "../../stores/source-texts.ts"
import { useDocument, useEditing } from "./context.ts"
import classes from "./editor.module.css"
import { NoSource } from "./sources/no-source.tsx"
import { shownSources } from "./sources/shown-sources.ts"
import { SourceList } from "./sources/source-list.tsx"
import { SourceView } from "./sources/source-view.tsx"
import sourceClasses from "./sources/sources.module.css"
import { useFileDrop } from "./sources/use-file-drop.ts"
import { usesByTarget } from "./sources/uses.ts"

/** The files below `src/` at the left, the chosen one at the right. */
export function SourcesPanel() {
	const document = useDocument()
	const { ref, isOver } = useFileDrop()
	const files = useEditing(({ module }) => module.sources)
	const links = useEditing(({ module }) => module.links)
	const value = useEditing((editing) => editing.value)
	const selected = useStore(document.sources.store, (now) => now.selected)
	// Not the texts themselves: no key may wait for the list.
	const typed = useStore(document.sources.store, useShallow(typedTargets))
	const { traits } = useStore(document.traits.store)
	useEffect(() => void document.traits.ask(files), [document, files])
	const uses = useMemo(() => usesByTarget(value), [value])
	const sources = useMemo(
		() => shownSources({ sources: files, links }, typed, uses, traits),
		[files, links, typed, uses, traits],
	)
	const chosen = sources.find(({ target }) => target === selected)
	return (
		<div ref={ref} className={`${classes.pools} ${sourceClasses.place}`} data-over={isOver || undefined}>
			<SourceList sources={sources} chosen={chosen?.target} />
			{chosen ? <SourceView key={chosen.target} shown={chosen} /> : <NoSource isEmpty={sources.length === 0} />}
			{isOver && <div className={sourceClasses.over}>Drop to add these files to src/</div>}
		</div>
	)
}
