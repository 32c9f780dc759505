import { Button, Group, Stack, TextInput } from "@mantine/core"
import { type FormEvent, type ReactNode, useState } from "react"
import { ProblemNote } from "../../components/problem.tsx"

interface FormProps {
	name: string
	button: string
	children?: ReactNode
	/** What was made is told by its own dialog; what this throws is said here. */
	onSubmit(name: string): Promise<void>
	onClose(): void
	/** The name is not asked for. */
	isNameHidden?: boolean
}

/** A form that makes a module under a name. */
export function NameForm({ name: first, button, children, onSubmit, onClose, isNameHidden }: FormProps) {
	const [name, setName] = useState(first)
	const [error, setError] = useState<unknown>()
	const [isBusy, setBusy] = useState(false)
	const submit = async () => {
		setBusy(true)
		setError(undefined)
		try {
			await onSubmit(name.trim())
			onClose()
		} catch (problem) {
			setError(problem)
			setBusy(false)
		}
	}
	const send = (event: FormEvent) => {
		event.preventDefault()
		void submit()
	}
	return (
		<form onSubmit={send}>
			<Stack gap="md">
				{!isNameHidden && (
					<TextInput
						label="Name"
						description="Letters, digits, dots, dashes and underscores: it is the folder's name, and appliances remember the module by it"
						data-autofocus
						value={name}
						onChange={(event) => setName(event.currentTarget.value)}
					/>
				)}
				{children}
				{error !== undefined && <ProblemNote error={error} />}
				<Group justify="flex-end" gap="sm">
					<Button variant="default" onClick={onClose}>
						Cancel
					</Button>
					<Button type="submit" loading={isBusy} disabled={!isNameHidden && name.trim() === ""}>
						{button}
					</Button>
				</Group>
			</Stack>
		</form>
	)
}
