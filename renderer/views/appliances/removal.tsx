import { Button, Group } from "@mantine/core"
import { notifications } from "@mantine/notifications"
import { applianceSchema } from "../../../core/schema/appliance.ts"
import type { ApplianceState } from "../../../core/schema/desktop.ts"
import { Confirm } from "../../components/confirm.tsx"
import { count } from "../../components/format.ts"
import { showProblem } from "../../components/show-problem.ts"
import type { Api } from "../../rpc/api.ts"
import { useApp } from "../../stores/context.ts"

/** Milliseconds in which a removal can be taken back. */
const UNDO_TIME = 15_000

/** Asks before appliances leave the fleet, and offers the way back afterwards. */
export function Removal({ appliances, onClose }: { appliances: ApplianceState[]; onClose(): void }) {
	const { api } = useApp()
	const isOne = appliances.length === 1
	const remove = async () => {
		await api.fleet.remove({ ids: appliances.map(({ id }) => id) })
		offerUndo(api, appliances)
	}
	return (
		<Confirm
			title={`Remove ${namesOf(appliances)}?`}
			button="Remove"
			keep={isOne ? "Keep it" : "Keep them"}
			isGrave
			act={remove}
			onClose={onClose}
		>
			{isOne
				? "It leaves this fleet; nothing changes on the appliance itself. Its history stays here, and so do the backups on the appliance."
				: "They leave this fleet; nothing changes on the appliances themselves. Their history stays here, and so do the backups on the appliances."}
		</Confirm>
	)
}

function offerUndo(api: Api, appliances: ApplianceState[]): void {
	const id = `removed ${appliances.map((one) => one.id).join(" ")}`
	const names = namesOf(appliances)
	const isOne = appliances.length === 1
	const undo = () => {
		notifications.hide(id)
		addAgain(api, appliances).catch(showProblem(`${names} ${isOne ? "is" : "are"} not back`))
	}
	notifications.show({
		id,
		autoClose: UNDO_TIME,
		message: (
			<Group justify="space-between" gap="sm" wrap="nowrap">
				<span>
					{names} {isOne ? "is" : "are"} removed from the fleet.
				</span>
				<Button size="compact-xs" variant="default" flex="none" onClick={undo}>
					Undo
				</Button>
			</Group>
		),
	})
}

function namesOf([first, ...others]: ApplianceState[]): string {
	return first && others.length === 0 ? first.name : count(others.length + 1, "appliance")
}

/** As they were written down. What was found out about each comes with its next test or run. */
async function addAgain(api: Api, appliances: ApplianceState[]): Promise<void> {
	const own = appliances.filter(({ embedded }) => !embedded)
	if (own.length < appliances.length) await api.appliances.addDemo({})
	if (own.length === 0) return
	const { ids } = await api.fleet.bringBack({ appliances: own.map((one) => applianceSchema.parse(one)) })
	const missing = own.filter(({ id }) => !ids.includes(id))
	if (missing.length > 0)
		notifications.show({
			color: "red",
			title: "Not all are back",
			message: `Not brought back: ${missing.map(({ name }) => name).join(", ")}. What is in the fleet is left as it is.`,
		})
}
