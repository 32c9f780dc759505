import { Button, Group, Modal, Stack, Text } from "@mantine/core"
import { notifications } from "@mantine/notifications"
import { useState } from "react"
import { count } from "../../../components/format.ts"
import { Note } from "../../../components/note.tsx"
import { ProblemNote } from "../../../components/problem.tsx"
import { failureOf } from "../../../rpc/problem.ts"
import { useApp } from "../../../stores/context.ts"
import { useDocument, useUnsaved } from "../context.ts"

/** Makes the working files those of a version; what would be lost is said first, and can be kept. */
export function CheckoutDialog({ version, onClose }: { version: string; onClose(): void }) {
	const { api } = useApp()
	const { folder } = useDocument()
	const dirty = useUnsaved()
	const [error, setError] = useState<unknown>()
	const [isBusy, setBusy] = useState(false)
	const isLosing = failureOf(error)?.code === "changes-unpublished"
	const name = version.startsWith("kept/") ? "the kept state" : version

	const checkout = async (keepChanges: boolean) => {
		setBusy(true)
		setError(undefined)
		try {
			const { changed, removed, kept } = await api.library.checkout({ folder, version, keepChanges })
			const parts = [`${count(changed, "file")} written`, removed > 0 && `${count(removed, "file")} removed`]
			const keptWords = kept === undefined ? "" : " What stood here is kept, in the list of versions."
			notifications.show({
				title: `The working files are those of ${name}`,
				message: `${parts.filter(Boolean).join(", ")}.${keptWords}`,
			})
			onClose()
		} catch (problem) {
			setError(problem)
			setBusy(false)
		}
	}
	return (
		<Modal opened onClose={onClose} title={`Check out ${name}`} size={520}>
			<Stack gap="md">
				<Text size="sm">
					The files of this module become those of {name}: index.json and everything in src/. Branch and history stay as
					they are, and no appliance is touched.
				</Text>
				{dirty && <Note tone="warn" title="There is something typed that is not saved. Save it first, or undo it." />}
				{error !== undefined && <ProblemNote error={error} tone={isLosing ? "warn" : "bad"} />}
				<Group justify="flex-end" gap="sm">
					<Button variant="default" data-autofocus onClick={onClose}>
						Cancel
					</Button>
					{isLosing ? (
						<Button loading={isBusy} onClick={() => void checkout(true)}>
							Keep what is here, then check out
						</Button>
					) : (
						<Button loading={isBusy} disabled={dirty} onClick={() => void checkout(false)}>
							Check out
						</Button>
					)}
				</Group>
			</Stack>
		</Modal>
	)
}
