import { Button, Group, Modal, Stack, TextInput } from "@mantine/core"
import { type FormEvent, useState } from "react"
import { normalTarget } from "../../../../core/schema/manifest.ts"
import { ProblemNote } from "../../../components/problem.tsx"
import type { ShownSource } from "./shown-sources.ts"
import { useSourceCalls } from "./use-source-calls.ts"

/** Another name or folder below `src/`; operations that name the file follow. */
export function RenameDialog({ shown, onClose }: { shown: ShownSource; onClose(): void }) {
	const [name, setName] = useState(shown.target)
	const [error, setError] = useState<unknown>()
	const [isBusy, setBusy] = useState(false)
	const calls = useSourceCalls(shown, setError)
	const to = normalTarget(name)
	const rename = async (event: FormEvent) => {
		event.preventDefault()
		setBusy(true)
		if (await calls.rename(to)) onClose()
		else setBusy(false)
	}
	return (
		<Modal opened onClose={onClose} title="Rename or move" size={520}>
			<form onSubmit={(event) => void rename(event)}>
				<Stack gap="md">
					<TextInput
						label="Name below src/"
						description="Slashes make folders; operations that use the file follow"
						data-autofocus
						spellCheck={false}
						value={name}
						onChange={(event) => setName(event.currentTarget.value)}
					/>
					{error !== undefined && <ProblemNote error={error} />}
					<Group justify="flex-end" gap="sm">
						<Button variant="default" onClick={onClose}>
							Cancel
						</Button>
						<Button type="submit" loading={isBusy} disabled={to === "" || to === shown.target}>
							Rename
						</Button>
					</Group>
				</Stack>
			</form>
		</Modal>
	)
}
