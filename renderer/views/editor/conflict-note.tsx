import type { ReactNode } from "react"
import { Note } from "../../components/note.tsx"

/** Says that a file was changed outside while it was typed in here. `what`: begins a sentence; `isGone`: no text is there. */
export function ConflictNote({ what, isGone, actions }: { what: string; isGone: boolean; actions: ReactNode }) {
	const title = isGone
		? `${what} was removed outside of this program, or is no text any more.`
		: `${what} was changed outside of this program while you were typing.`
	return (
		<Note tone="warn" title={title} actions={actions} alert>
			Nothing has been overwritten and nothing is lost. Keep yours: it stands once you save. Take theirs: yours is one
			undo away.
		</Note>
	)
}
