import { Button, Group, Loader, Modal, NumberInput, Stack, Text } from "@mantine/core"
import { IconDatabase } from "@tabler/icons-react"
import { useEffect, useState } from "react"
import { type HistoryRoom, type Retention, retentionSchema } from "../../../core/schema/retention.ts"
import { count, formatBytes } from "../../components/format.ts"
import { ProblemNote } from "../../components/problem.tsx"
import { useApp } from "../../stores/context.ts"

/** How much of the history this desktop keeps, and how much there is. */
export function Storage({ onChanged }: { onChanged(): void }) {
	const [opened, setOpened] = useState(false)
	return (
		<>
			<Button variant="default" leftSection={<IconDatabase size={14} />} onClick={() => setOpened(true)}>
				Storage
			</Button>
			<Modal opened={opened} onClose={() => setOpened(false)} title="What this desktop keeps" size={460}>
				{opened && <Settings onChanged={onChanged} />}
			</Modal>
		</>
	)
}

function Settings({ onChanged }: { onChanged(): void }) {
	const { api } = useApp()
	const [room, setRoom] = useState<HistoryRoom>()
	const [typed, setTyped] = useState<Partial<Record<keyof Retention, number | string>>>({})
	const [saving, setSaving] = useState(false)
	const [error, setError] = useState<unknown>()
	useEffect(() => {
		api.history.room({}).then(setRoom).catch(setError)
	}, [api])
	if (!room) return error === undefined ? <Loader size="sm" /> : <ProblemNote error={error} />
	const chosen = retentionSchema.safeParse({ ...room.retention, ...typed })
	const save = async (retention: Retention) => {
		setSaving(true)
		setError(undefined)
		try {
			setRoom(await api.history.keep(retention))
			setTyped({})
			onChanged()
		} catch (problem) {
			setError(problem)
		}
		setSaving(false)
	}
	const field = (key: keyof Retention, label: string, suffix: string) => (
		<NumberInput
			label={label}
			suffix={suffix}
			min={1}
			allowDecimal={false}
			thousandSeparator=" "
			value={typed[key] ?? room.retention[key]}
			onChange={(value) => setTyped({ ...typed, [key]: value })}
		/>
	)
	return (
		<Stack gap="sm">
			<Text size="sm" role="status">
				{count(room.runs, "run")}, {formatBytes(room.outputBytes)} of output; the file has {formatBytes(room.bytes)}.
			</Text>
			{field("outputDays", "Keep output for", " days")}
			{field("outputMegabytes", "Keep output up to", " MB")}
			{field("runs", "Keep the newest", " runs")}
			<Text size="xs" c="dimmed">
				Never cleared away: the newest run of each pool on each appliance, and degraded ones. What an appliance still
				remembers can be fetched from it again. The file does not shrink; its free room is used again.
			</Text>
			{error !== undefined && <ProblemNote error={error} />}
			<Group justify="flex-end">
				<Button
					disabled={!chosen.success || Object.keys(typed).length === 0}
					loading={saving}
					onClick={() => chosen.success && void save(chosen.data)}
				>
					Save and clear away
				</Button>
			</Group>
		</Stack>
	)
}
