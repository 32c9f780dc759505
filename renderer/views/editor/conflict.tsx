import { Button } from "@mantine/core"
import { useMemo } from "react"
import { Panel } from "../../components/panel.tsx"
import { SideBySide } from "../../components/side-by-side.tsx"
import { goTo } from "../../stores/route.ts"
import { ConflictNote } from "./conflict-note.tsx"
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
			<ConflictNote what="index.json" isGone={theirs === undefined} actions={actions} />
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
