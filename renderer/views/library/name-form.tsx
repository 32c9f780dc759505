import { Button, Group, Stack, TextInput } from "@mantine/core"
import { type FormEvent, type ReactNode, useEffect, useState } from "react"
import type { LibraryModule } from "../../../core/schema/library.ts"
import { StopButton } from "../../components/awaited.tsx"
import { ProblemNote } from "../../components/problem.tsx"
import { useStoppable } from "../../components/use-stoppable.ts"

interface FormProps {
	name: string
	button: string
	children?: ReactNode
	/** What this throws is said here; `signal` is aborted when it is stopped, or the dialog closed. */
	onSubmit(name: string, signal: AbortSignal): Promise<LibraryModule>
	onDone(module: LibraryModule): void
	onClose(): void
	/** The name is not asked for. */
	isNameHidden?: boolean
}

/** A form that makes a module under a name. */
export function NameForm({ name: first, button, children, onSubmit, onDone, onClose, isNameHidden }: FormProps) {
	const [name, setName] = useState(first)
	const [error, setError] = useState<unknown>()
	const { isGoing, run, stop } = useStoppable()
	useEffect(() => stop, [stop])
	const submit = async () => {
		setError(undefined)
		try {
			const made = await run((signal) => onSubmit(name.trim(), signal))
			if (!made) return
			onDone(made)
			onClose()
		} catch (problem) {
			setError(problem)
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
					{isGoing ? (
						<StopButton onStop={stop} />
					) : (
						<Button variant="default" onClick={onClose}>
							Cancel
						</Button>
					)}
					<Button type="submit" loading={isGoing} disabled={!isNameHidden && name.trim() === ""}>
						{button}
					</Button>
				</Group>
			</Stack>
		</form>
	)
}
