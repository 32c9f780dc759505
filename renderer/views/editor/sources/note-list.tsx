import { useState } from "react"
import type { SourceMend, SourceNote } from "../../../../core/schema/source-notes.ts"
import { sentence } from "../../../components/words.ts"
import { poolsOf } from "../../../stores/module-document.ts"
import { Mark } from "../../run/finding-list.tsx"
import { useDocument, useEditing } from "../context.ts"
import classes from "../editor.module.css"
import { offerSource } from "./offered-files.ts"
import { presentEditor } from "./present-editor.ts"
import { RemoveDialog } from "./remove-dialog.tsx"
import type { ShownSource } from "./shown-sources.ts"
import { useSourceCalls } from "./use-source-calls.ts"

/** What is doubtful about a source, with its mend as one click where there is one. */
export function NoteList({ shown, onError }: { shown: ShownSource; onError(error: unknown): void }) {
	if (shown.notes.length === 0) return null
	return (
		<ul className={classes.fieldFindings} aria-label="Notes">
			{shown.notes.map((note) => (
				<li key={`${note.rule} ${note.message}`} data-severity="warning">
					<Mark severity="warning" />
					<span className={classes.fieldFinding}>
						{sentence(note.message)} <span className={classes.soft}>{sentence(note.remedy)}</span>
					</span>
					{note.rule === "source-unused" && <AddToPool target={shown.target} />}
					<Mend shown={shown} note={note} onError={onError} />
				</li>
			))}
		</ul>
	)
}

/** Where there is a pool to add it to. */
function AddToPool({ target }: { target: string }) {
	const hasPool = useEditing(({ value }) => poolsOf(value).length > 0)
	if (!hasPool) return null
	return (
		<button type="button" className={classes.mend} onClick={() => offerSource(target)}>
			Add to a pool …
		</button>
	)
}

interface MendProps {
	shown: ShownSource
	note: SourceNote
	onError(error: unknown): void
}

function Mend({ shown, note: { mend, line }, onError }: MendProps) {
	const { sources } = useDocument()
	const calls = useSourceCalls(shown, onError)
	const [isBusy, setBusy] = useState(false)
	const [isAsking, setAsking] = useState(false)
	if (!mend && line === undefined) return null
	if (!mend) {
		return (
			<button
				type="button"
				className={classes.mend}
				onClick={() => line && presentEditor.getState().editor?.goToLine(line)}
			>
				Show the line
			</button>
		)
	}
	const act = async () => {
		if (mend.kind === "remove") return setAsking(true)
		setBusy(true)
		await (mend.kind === "text"
			? calls.attempt(() => sources.mend(shown.target, mend.change))
			: calls.setExecutable(true))
		setBusy(false)
	}
	return (
		<>
			<button type="button" className={classes.mend} disabled={isBusy} onClick={() => void act()}>
				{labelOf(mend)}
			</button>
			{isAsking && <RemoveDialog shown={shown} onError={onError} onClose={() => setAsking(false)} />}
		</>
	)
}

function labelOf({ label, kind }: SourceMend): string {
	return label.charAt(0).toUpperCase() + label.slice(1) + (kind === "remove" ? " …" : "")
}
