import { Button, Group, Modal, Stack, Text } from "@mantine/core"
import { type ReactNode, useState } from "react"
import { ProblemNote } from "./problem.tsx"

/** Asks before something that means many; stays open, and says why, where it did not succeed. */
export function Confirm(props: {
	title: string
	button: string
	/** The word for no. */
	keep?: string
	isGrave?: boolean | undefined
	children: ReactNode
	act(): Promise<void>
	onClose(): void
}) {
	const { title, button, keep = "Leave it as it is", isGrave, children, act, onClose } = props
	const [isSending, setSending] = useState(false)
	const [error, setError] = useState<unknown>()
	const confirm = async () => {
		setSending(true)
		setError(undefined)
		try {
			await act()
			onClose()
		} catch (problem) {
			setError(problem)
			setSending(false)
		}
	}
	return (
		<Modal opened onClose={onClose} title={title} size={460}>
			<Stack gap="md">
				<Text size="sm" component="div">
					{children}
				</Text>
				{error !== undefined && <ProblemNote error={error} />}
				<Group justify="flex-end" gap="sm">
					<Button variant="default" data-autofocus onClick={onClose}>
						{keep}
					</Button>
					<Button {...(isGrave && { color: "red.8" })} loading={isSending} onClick={() => void confirm()}>
						{button}
					</Button>
				</Group>
			</Stack>
		</Modal>
	)
}
