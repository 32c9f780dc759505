import { Modal, Text } from "@mantine/core"
import type { LibraryModule } from "../../../core/schema/library.ts"
import { useApp } from "../../stores/context.ts"
import { NameForm } from "./name-form.tsx"

/** Makes another module with the same files. */
export function DuplicateDialog(props: {
	module: LibraryModule
	onClose(): void
	onDuplicated(module: LibraryModule): void
}) {
	const { module, onClose, onDuplicated } = props
	const { api } = useApp()
	const duplicate = (name: string, signal: AbortSignal) =>
		api.library.duplicate({ folder: module.folder, name }, { signal })
	return (
		<Modal opened onClose={onClose} title={`Duplicate ${module.name}`} size={520}>
			<NameForm
				name={`${module.name}-copy`}
				button="Duplicate"
				onSubmit={duplicate}
				onDone={onDuplicated}
				onClose={onClose}
			>
				<Text size="sm" c="dimmed">
					The files are copied as they are. The copy begins without published versions, and appliances know nothing of
					it.
				</Text>
			</NameForm>
		</Modal>
	)
}
