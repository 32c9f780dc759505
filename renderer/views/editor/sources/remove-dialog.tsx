import { Button, Group, Modal, Stack, Text } from "@mantine/core"
import { useState } from "react"
import { count } from "../../../components/format.ts"
import { Note } from "../../../components/note.tsx"
import type { ShownSource } from "./shown-sources.ts"
import { useSourceCalls } from "./use-source-calls.ts"

interface Props {
	shown: ShownSource
	onError(error: unknown): void
	onClose(): void
}

/** Asks before a file is removed: undo is the document's and knows no files. */
export function RemoveDialog({ shown, onError, onClose }: Props) {
	const calls = useSourceCalls(shown, onError)
	const [isBusy, setBusy] = useState(false)
	const { target, uses } = shown
	const remove = async () => {
		setBusy(true)
		await calls.remove()
		onClose()
	}
	return (
		<Modal opened onClose={onClose} title="Remove this file?" size={480}>
			<Stack gap="md">
				<Text size="sm">
					<code>src/{target}</code> is removed from the disk. What was published of it stays in its versions.
				</Text>
				{uses.length > 0 && (
					<Note tone="warn" title={`${count(uses.length, "operation")} of the pools use it.`}>
						They stay, and are faults until the file is there again or they are taken out.
					</Note>
				)}
				<Group justify="flex-end" gap="sm">
					<Button variant="default" data-autofocus onClick={onClose}>
						Cancel
					</Button>
					<Button color="red" loading={isBusy} onClick={() => void remove()}>
						Remove
					</Button>
				</Group>
			</Stack>
		</Modal>
	)
}
