import { Button } from "@mantine/core"
import { SideBySide } from "../../../components/side-by-side.tsx"
import type { Theirs } from "../../../stores/module-document.ts"
import type { SourceText } from "../../../stores/source-text.ts"
import { ConflictNote } from "../conflict-note.tsx"
import { useDocument } from "../context.ts"
import sourceClasses from "./sources.module.css"

/** Two texts, and nobody but a person can say which one is right. */
export function SourceConflict({ source, theirs }: { source: SourceText; theirs: Theirs }) {
	const { sources } = useDocument()
	const { target, text } = source
	const actions = (
		<>
			<Button size="compact-xs" variant="default" onClick={() => sources.choose(target, "ours")}>
				Keep mine
			</Button>
			{theirs.text !== undefined && (
				<Button size="compact-xs" variant="default" onClick={() => sources.choose(target, "theirs")}>
					Take theirs
				</Button>
			)}
		</>
	)
	return (
		<div className={sourceClasses.conflict}>
			<ConflictNote what="The file" isGone={theirs.text === undefined} actions={actions} />
			{theirs.text !== undefined && (
				<SideBySide left={text} right={theirs.text} leftTitle="Mine, not saved" rightTitle="Theirs, on disk" />
			)}
		</div>
	)
}
