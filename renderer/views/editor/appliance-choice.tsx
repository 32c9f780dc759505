import { Select } from "@mantine/core"
import type { ApplianceState } from "../../../core/schema/desktop.ts"

interface Props {
	label: string
	appliances: readonly ApplianceState[]
	chosen: string | undefined
	onChoose(id: string): void
	size?: "xs"
}

/** A fleet may be thousands: a list that long is typed in, not scrolled, and would take a second to open. */
const MAX_SHOWN = 100

/** One appliance, found by its name. */
export function ApplianceChoice({ label, appliances, chosen, onChoose, size }: Props) {
	return (
		<Select
			aria-label={label}
			placeholder="Choose an appliance"
			data={appliances.map(({ id, name }) => ({ value: id, label: name }))}
			value={chosen ?? null}
			onChange={(id) => id !== null && onChoose(id)}
			allowDeselect={false}
			searchable
			limit={MAX_SHOWN}
			nothingFoundMessage="No appliance of this name"
			w={220}
			{...(size && { size })}
		/>
	)
}
