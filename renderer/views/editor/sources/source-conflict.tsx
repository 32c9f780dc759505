import { Button } from "@mantine/core"
import { Note } from "../../../components/note.tsx"
import { SideBySide } from "../../../components/side-by-side.tsx"
import type { Theirs } from "../../../stores/module-document.ts"
import type { SourceText } from "../../../stores/source-text.ts"
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
			<Note
				tone="warn"
				title={
					theirs.text === undefined
						? "The file was removed outside of this program, or is no text any more."
						: "The file was changed outside of this program while you were typing."
				}
				actions={actions}
				alert
			>
				Nothing has been overwritten and nothing is lost. Keep yours: it stands once you save. Take theirs: yours is one
				undo away.
			</Note>
			{theirs.text !== undefined && (
				<SideBySide left={text} right={theirs.text} leftTitle="Mine, not saved" rightTitle="Theirs, on disk" />
			)}
		</div>
	)
}
