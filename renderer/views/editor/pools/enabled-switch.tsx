import { Switch } from "@mantine/core"

/** On where nothing is said. */
export function EnabledSwitch({ value, onChange }: { value: unknown; onChange(isOn: boolean): void }) {
	return (
		<Switch label="Enabled" checked={value !== false} onChange={(event) => onChange(event.currentTarget.checked)} />
	)
}
