import { Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core"
import { type FormEvent, useState } from "react"
import { keyCommentSchema } from "../../../core/schema/signing.ts"
import { ProblemNote } from "../../components/problem.tsx"

/** A new key in the system's keychain. */
export function MakeDialog({ make, onClose }: { make(comment: string): Promise<void>; onClose(): void }) {
	const [comment, setComment] = useState("")
	const [isMaking, setMaking] = useState(false)
	const [error, setError] = useState<unknown>()
	const isFit = keyCommentSchema.safeParse(comment).success
	const send = async (event: FormEvent) => {
		event.preventDefault()
		setMaking(true)
		setError(undefined)
		try {
			await make(comment.trim())
			onClose()
		} catch (problem) {
			setError(problem)
			setMaking(false)
		}
	}
	return (
		<Modal opened onClose={onClose} title="Make a key" size={500}>
			<form onSubmit={send}>
				<Stack gap="md">
					<TextInput
						label="Comment"
						description="Whose key it is and what for; it stands beside the key in every list"
						placeholder="releases, Ada's desk"
						data-autofocus
						value={comment}
						error={isFit ? undefined : "One line of at most 100 characters."}
						onChange={(event) => setComment(event.currentTarget.value)}
					/>
					<Text size="sm">
						It signs what is published here from then on. Appliances with trusted keys take that once they have its
						line. The private half is sealed by the system's keychain for this account: no other computer can sign by
						it, and no copy can be made. A key that several people sign by, or that must outlive this computer, belongs
						in an SSH agent.
					</Text>
					{error !== undefined && <ProblemNote error={error} />}
					<Group justify="flex-end" gap="sm">
						<Button variant="default" onClick={onClose}>
							Cancel
						</Button>
						<Button type="submit" loading={isMaking} disabled={!isFit || comment.trim() === ""}>
							Make the key
						</Button>
					</Group>
				</Stack>
			</form>
		</Modal>
	)
}
