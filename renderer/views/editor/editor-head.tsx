import { ActionIcon, Anchor, Button } from "@mantine/core"
import { IconArrowBackUp, IconArrowForwardUp, IconDeviceFloppy, IconPlayerPlay } from "@tabler/icons-react"
import { valueAt } from "../../../core/schema/document/value.ts"
import { Tag } from "../../components/outcome.tsx"
import { ViewHead } from "../../components/panel.tsx"
import { useApp } from "../../stores/context.ts"
import { canSave, isDirty } from "../../stores/module-document.ts"
import { goTo, hashOf } from "../../stores/route.ts"
import { standingWords } from "../library/standing-words.ts"
import { useDocument, useEditing, useUnsaved } from "./context.ts"
import classes from "./editor.module.css"

/** Which module this is, how it stands, and what can be done with it as a whole. */
export function EditorHead() {
	const name = useEditing(({ module }) => module.name)
	const version = useEditing(({ value }) => valueAt(value, ["metadata", "schema_version"]))
	const folder = useEditing((editing) => editing.folder)
	return (
		<ViewHead
			title={
				<>
					<Anchor href={hashOf({ view: "modules" })} className={classes.back}>
						Modules
					</Anchor>{" "}
					<span className={classes.slash}>/</span> {name}{" "}
					{typeof version === "string" && <span className={classes.version}>{version}</span>}
				</>
			}
			note={
				<span className={classes.headNote}>
					<SavedTag /> <StandingTag /> <span className={classes.folder}>{folder}</span>
				</span>
			}
			actions={<HeadActions />}
		/>
	)
}

function SavedTag() {
	const isUnsaved = useUnsaved()
	const isSaving = useEditing(({ saving }) => saving !== undefined)
	const state = isSaving ? "saving" : isUnsaved ? "unsaved" : "saved"
	const words = { saving: "Saving", unsaved: "Not saved yet", saved: "Saved" }
	return (
		<span role="status">
			<Tag tone={state === "saved" ? "mute" : "warn"}>{words[state]}</Tag>
		</span>
	)
}

function StandingTag() {
	const { words, tone } = useEditing(({ module }) => standingWords(module.standing.working, module.standing.published))
	return <Tag tone={tone}>{words}</Tag>
}

function HeadActions() {
	const document = useDocument()
	const mayRun = useRun()
	const undoes = useEditing(({ document }) => document.past?.step.label)
	const redoes = useEditing(({ document }) => document.future?.step.label)
	const isStuck = useEditing((editing) => isDirty(editing) && !canSave(editing))
	const maySave = useUnsaved() && !isStuck
	const isSaving = useEditing(({ saving }) => saving !== undefined)
	const undoWords = undoes === undefined ? "Nothing to undo" : `Undo: ${undoes}`
	const redoWords = redoes === undefined ? "Nothing to redo" : `Redo: ${redoes}`
	return (
		<>
			<ActionIcon
				variant="default"
				size={30}
				aria-label={undoWords}
				title={`${undoWords} (Ctrl+Z)`}
				disabled={undoes === undefined}
				onClick={document.undo}
			>
				<IconArrowBackUp size={16} />
			</ActionIcon>
			<ActionIcon
				variant="default"
				size={30}
				aria-label={redoWords}
				title={`${redoWords} (Ctrl+Shift+Z)`}
				disabled={redoes === undefined}
				onClick={document.redo}
			>
				<IconArrowForwardUp size={16} />
			</ActionIcon>
			<Button
				variant="default"
				leftSection={<IconDeviceFloppy size={15} />}
				title="Ctrl+S"
				disabled={!maySave}
				loading={isSaving}
				onClick={() => void document.save()}
			>
				Save
			</Button>
			<Button leftSection={<IconPlayerPlay size={15} />} onClick={() => void mayRun()}>
				Plan and run …
			</Button>
		</>
	)
}

/** Opens the module where it is planned and run: as it is on disk, so it is saved first. */
export function useRun(): () => Promise<void> {
	const { workspace } = useApp()
	const document = useDocument()
	return async () => {
		if (!(await document.save())) return
		await workspace.open(document.folder)
		goTo({ view: "run" })
	}
}
