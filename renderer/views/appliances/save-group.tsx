import { Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core"
import { type FormEvent, useState } from "react"
import { fleetGroupSchema } from "../../../core/schema/fleet-filter.ts"
import { ProblemNote } from "../../components/problem.tsx"
import type { useGroups } from "./use-fleet.ts"

/** Gives a filter a name. */
export function SaveGroup(props: { filter: string; groups: ReturnType<typeof useGroups>; onClose(): void }) {
	const { filter, groups, onClose } = props
	const [name, setName] = useState("")
	const [error, setError] = useState<unknown>()
	const group = fleetGroupSchema.safeParse({ name, filter })
	const replaces = groups.groups.some((one) => one.name === name.trim())
	const save = async (event: FormEvent) => {
		event.preventDefault()
		if (!group.success) return
		try {
			await groups.save(group.data)
			onClose()
		} catch (problem) {
			setError(problem)
		}
	}
	return (
		<Modal opened onClose={onClose} title="Save the filter as a group" size={420}>
			<form onSubmit={(event) => void save(event)}>
				<Stack gap="md">
					<Text size="sm">
						The group is whoever fits <code>{filter.trim()}</code> at that time, here and with{" "}
						<code>hotfix --group</code>.
					</Text>
					<TextInput
						label="Name"
						data-autofocus
						maxLength={60}
						value={name}
						description={replaces ? "A group of this name is replaced." : undefined}
						inputWrapperOrder={["label", "input", "error", "description"]}
						onChange={(event) => setName(event.currentTarget.value)}
					/>
					{error !== undefined && <ProblemNote error={error} />}
					<Group justify="flex-end" gap="sm">
						<Button variant="default" onClick={onClose}>
							Cancel
						</Button>
						<Button type="submit" disabled={!group.success}>
							Save
						</Button>
					</Group>
				</Stack>
			</form>
		</Modal>
	)
}
