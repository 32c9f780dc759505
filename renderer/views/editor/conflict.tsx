import { Button } from "@mantine/core"
import { useMemo } from "react"
import { Note } from "../../components/note.tsx"
import { Panel } from "../../components/panel.tsx"
import { SideBySide } from "../../components/side-by-side.tsx"
import { goTo } from "../../stores/route.ts"
import { useDocument, useEditing } from "./context.ts"
import classes from "./editor.module.css"

/** Two texts, and nobody but a person can say which one is right. Both are kept until one is chosen. */
export function Conflict() {
	const document = useDocument()
	const ours = useEditing((editing) => editing.document.text)
	const theirs = useEditing(({ conflict }) => conflict?.text)
	const merge = () => {
		document.choose("merge")
		goTo({ view: "module", folder: document.folder, tab: "index" })
	}
	const actions = (
		<>
			<Button variant="default" onClick={() => document.choose("ours")}>
				Keep mine
			</Button>
			{theirs !== undefined && (
				<>
					<Button variant="default" onClick={() => document.choose("theirs")}>
						Take theirs
					</Button>
					<Button onClick={merge}>Merge by hand</Button>
				</>
			)}
		</>
	)
	return (
		<div className={classes.conflict}>
			<Note
				tone="warn"
				title={
					theirs === undefined
						? "index.json was removed outside of this program, or is no text any more."
						: "index.json was changed outside of this program while you were typing."
				}
				actions={actions}
				alert
			>
				Nothing has been overwritten and nothing is lost. Keep yours: it stands once you save. Take theirs: yours is one
				undo away.
			</Note>
			{theirs !== undefined && <Both ours={ours} theirs={theirs} />}
		</div>
	)
}

function Both({ ours, theirs }: { ours: string; theirs: string }) {
	const texts = useMemo(() => ({ left: ours, right: theirs }), [ours, theirs])
	return (
		<Panel title="What differs">
			<SideBySide {...texts} leftTitle="Mine, not saved" rightTitle="Theirs, on disk" />
		</Panel>
	)
}
