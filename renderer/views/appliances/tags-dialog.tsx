import { Button, Group, Modal, MultiSelect, Stack, TagsInput } from "@mantine/core"
import { useState } from "react"
import type { ApplianceState } from "../../../core/schema/desktop.ts"
import { count } from "../../components/format.ts"
import { ProblemNote } from "../../components/problem.tsx"
import { useApp } from "../../stores/context.ts"

/** Adds tags to all that are chosen, and takes tags away from them. */
export function TagsDialog({ chosen, onClose }: { chosen: ApplianceState[]; onClose(): void }) {
	const { api } = useApp()
	const [add, setAdd] = useState<string[]>([])
	const [remove, setRemove] = useState<string[]>([])
	const [error, setError] = useState<unknown>()
	const there = [...new Set(chosen.flatMap(({ tags }) => tags))].sort()
	const save = async () => {
		try {
			await api.fleet.tag({ ids: chosen.map(({ id }) => id), add, remove })
			onClose()
		} catch (problem) {
			setError(problem)
		}
	}
	return (
		<Modal opened onClose={onClose} title={`Tags of ${count(chosen.length, "appliance")}`} size={460}>
			<Stack gap="md">
				<TagsInput
					label="Add"
					placeholder="Enter after each"
					data-autofocus
					value={add}
					onChange={setAdd}
					maxLength={100}
				/>
				<MultiSelect
					size="xs"
					label="Take away"
					placeholder={there.length === 0 ? "None has a tag" : undefined}
					disabled={there.length === 0}
					data={there}
					value={remove}
					onChange={setRemove}
					searchable
				/>
				{error !== undefined && <ProblemNote error={error} />}
				<Group justify="flex-end" gap="sm">
					<Button variant="default" onClick={onClose}>
						Cancel
					</Button>
					<Button disabled={add.length + remove.length === 0} onClick={() => void save()}>
						Change tags
					</Button>
				</Group>
			</Stack>
		</Modal>
	)
}
