import { Modal, Textarea } from "@mantine/core"
import { useState } from "react"
import type { LibraryModule } from "../../../core/schema/library.ts"
import { useApp } from "../../stores/context.ts"
import { NameForm } from "./name-form.tsx"

/** Makes a module with one example pool, sound as it stands. */
export function CreateDialog({ onClose, onCreated }: { onClose(): void; onCreated(module: LibraryModule): void }) {
	const { api } = useApp()
	const [description, setDescription] = useState("")
	const create = (name: string) => {
		const text = description.trim()
		return api.library.create({ name, ...(text !== "" && { description: text }) })
	}
	return (
		<Modal opened onClose={onClose} title="New module" size={520}>
			<NameForm name="" button="Create" onSubmit={create} onDone={onCreated} onClose={onClose}>
				<Textarea
					label="Description"
					description="What it repairs; you can change it at any time"
					rows={2}
					value={description}
					onChange={(event) => setDescription(event.currentTarget.value)}
				/>
			</NameForm>
		</Modal>
	)
}
