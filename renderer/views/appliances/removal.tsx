import { Button, Group, Modal, Stack, Text } from "@mantine/core"
import { notifications } from "@mantine/notifications"
import { useRef, useState } from "react"
import { applianceSchema } from "../../../core/schema/appliance.ts"
import type { ApplianceState } from "../../../core/schema/desktop.ts"
import { ProblemNote } from "../../components/problem.tsx"
import type { Api } from "../../rpc/api.ts"
import { problemOf } from "../../rpc/problem.ts"
import { useApp } from "../../stores/context.ts"

/** Milliseconds in which a removal can be taken back. */
const UNDO_TIME = 15_000

/** Asks before an appliance leaves the fleet, and offers the way back afterwards. */
export function Removal({ appliance, onClose }: { appliance: ApplianceState; onClose(): void }) {
	const { api } = useApp()
	const [removing, setRemoving] = useState(false)
	const [error, setError] = useState<unknown>()
	const done = useRef(false)
	const remove = async () => {
		if (done.current) return
		setRemoving(true)
		try {
			await api.appliances.remove({ id: appliance.id })
			done.current = true
			offerUndo(api, appliance)
			onClose()
		} catch (problem) {
			setError(problem)
			setRemoving(false)
		}
	}
	return (
		<Modal opened onClose={onClose} title={`Remove ${appliance.name}?`} size={420}>
			<Stack gap="md">
				<Text size="sm">
					It leaves this fleet; nothing changes on the appliance itself. Its history stays here, and so do the backups
					on the appliance.
				</Text>
				{error !== undefined && <ProblemNote error={error} />}
				<Group justify="flex-end" gap="sm">
					<Button variant="default" data-autofocus onClick={onClose}>
						Keep it
					</Button>
					<Button color="red.8" loading={removing} onClick={() => void remove()}>
						Remove
					</Button>
				</Group>
			</Stack>
		</Modal>
	)
}

function offerUndo(api: Api, appliance: ApplianceState): void {
	const id = `removed ${appliance.id}`
	const undo = async () => {
		notifications.hide(id)
		try {
			await addAgain(api, appliance)
		} catch (problem) {
			const { what, next } = problemOf(problem)
			notifications.show({ color: "red", title: `${appliance.name} is not back`, message: [what, next].join(" ") })
		}
	}
	notifications.show({
		id,
		autoClose: UNDO_TIME,
		message: (
			<Group justify="space-between" gap="sm" wrap="nowrap">
				<span>{appliance.name} is removed from the fleet.</span>
				<Button size="compact-xs" variant="default" flex="none" onClick={() => void undo()}>
					Undo
				</Button>
			</Group>
		),
	})
}

/** As it was written down. What was found out about it comes with its next test or run. */
async function addAgain(api: Api, appliance: ApplianceState): Promise<void> {
	if (appliance.embedded) await api.appliances.addDemo({})
	else await api.appliances.save(applianceSchema.parse(appliance))
}
