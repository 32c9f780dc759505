import { Button, Switch } from "@mantine/core"
import { IconPencil, IconSearch, IconTrash } from "@tabler/icons-react"
import { useState } from "react"
import { useStore } from "zustand"
import { formatBytes } from "../../../components/format.ts"
import { goTo } from "../../../stores/route.ts"
import { useDocument } from "../context.ts"
import classes from "../editor.module.css"
import panes from "../panes.module.css"
import { presentEditor } from "./present-editor.ts"
import { RemoveDialog } from "./remove-dialog.tsx"
import { RenameDialog } from "./rename-dialog.tsx"
import type { ShownSource } from "./shown-sources.ts"
import sourceClasses from "./sources.module.css"
import { useSourceCalls } from "./use-source-calls.ts"

/** Which file this is, who uses it, and what can be done to it as a whole. */
export function SourceHead({ shown, onError }: { shown: ShownSource; onError(error: unknown): void }) {
	const { target, size, isExecutable, digest, isLink } = shown
	const calls = useSourceCalls(shown, onError)
	const editor = useStore(presentEditor, (now) => now.editor)
	const [dialog, setDialog] = useState<"rename" | "remove">()
	const button = { size: "compact-xs", variant: "subtle", color: "gray" } as const
	const isOnDisk = digest !== undefined
	const isFile = isOnDisk && !isLink
	return (
		<>
			<div className={panes.formHead}>
				<h2 className={`${panes.formTitle} ${sourceClasses.title}`}>{target}</h2>
				<span className={classes.soft}>{isLink ? "a link" : isOnDisk ? formatBytes(size) : "no file any more"}</span>
				{isFile && (
					<Switch
						size="xs"
						label="Executable"
						checked={isExecutable}
						onChange={(event) => void calls.setExecutable(event.currentTarget.checked)}
					/>
				)}
				<span className={panes.formActions}>
					{editor && (
						<Button {...button} leftSection={<IconSearch size={14} />} title="Ctrl+F" onClick={editor.openSearch}>
							Find
						</Button>
					)}
					{editor && (
						<Button {...button} title="Ctrl+Alt+G" onClick={editor.askLine}>
							Go to line
						</Button>
					)}
					{isFile && (
						<Button {...button} leftSection={<IconPencil size={14} />} onClick={() => setDialog("rename")}>
							Rename
						</Button>
					)}
					{isOnDisk && (
						<Button {...button} leftSection={<IconTrash size={14} />} onClick={() => setDialog("remove")}>
							Remove
						</Button>
					)}
				</span>
			</div>
			<Uses shown={shown} />
			{dialog === "rename" && <RenameDialog shown={shown} onClose={() => setDialog(undefined)} />}
			{dialog === "remove" && <RemoveDialog shown={shown} onError={onError} onClose={() => setDialog(undefined)} />}
		</>
	)
}

/** Where it goes, each leading to its pool. */
function Uses({ shown: { uses } }: { shown: ShownSource }) {
	const document = useDocument()
	if (uses.length === 0) return null
	const show = (pool: number) => {
		document.select({ part: "pool", index: pool })
		goTo({ view: "module", folder: document.folder, tab: "pools" })
	}
	return (
		<ul className={sourceClasses.uses} aria-label="Used by">
			{uses.map(({ pool, name, destination }, index) => (
				// biome-ignore lint/suspicious/noArrayIndexKey: a pool may use it twice, its place is its identity
				<li key={index}>
					<button type="button" className={classes.mend} onClick={() => show(pool)}>
						{name}
					</button>{" "}
					<code>{destination === "" ? "no destination yet" : destination}</code>
				</li>
			))}
		</ul>
	)
}
