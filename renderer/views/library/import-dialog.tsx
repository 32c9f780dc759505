import { Modal, Radio, Stack, Text } from "@mantine/core"
import { useState } from "react"
import type { LibraryModule } from "../../../core/schema/library.ts"
import { useApp } from "../../stores/context.ts"
import classes from "./library.module.css"
import { NameForm } from "./name-form.tsx"

/** Takes a folder into the library, as a copy or where it is. */
export function ImportDialog(props: { folder: string; onClose(): void; onImported(module: LibraryModule): void }) {
	const { folder, onClose, onImported } = props
	const { api } = useApp()
	const [copy, setCopy] = useState(true)
	const importIt = (name: string, signal: AbortSignal) =>
		api.library.import({ folder, copy, ...(copy && { name }) }, { signal })
	return (
		<Modal opened onClose={onClose} title="Import a folder" size={520}>
			<NameForm
				name={
					folder
						.replace(/[/\\]+$/, "")
						.split(/[/\\]/)
						.at(-1) ?? ""
				}
				button="Import"
				onSubmit={importIt}
				onDone={onImported}
				onClose={onClose}
				isNameHidden={!copy}
			>
				<Text size="sm" className={classes.folder}>
					{folder}
				</Text>
				<Radio.Group label="How" value={copy ? "copy" : "here"} onChange={(value) => setCopy(value === "copy")}>
					<Stack gap="xs" mt={6}>
						<Radio
							size="xs"
							value="copy"
							label="Copy it into the library"
							description="With its git history where the folder has one; the folder itself stays as it is"
						/>
						<Radio
							size="xs"
							value="here"
							label="Use it where it is"
							description="For a folder that your team shares or that has its place already"
						/>
					</Stack>
				</Radio.Group>
			</NameForm>
		</Modal>
	)
}
