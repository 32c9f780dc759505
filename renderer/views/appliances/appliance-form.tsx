import {
	Button,
	Checkbox,
	Drawer,
	Group,
	NumberInput,
	SegmentedControl,
	Stack,
	TagsInput,
	Text,
	Textarea,
	TextInput,
} from "@mantine/core"
import { type FormEvent, useState } from "react"
import type { SignIn } from "../../../core/schema/appliance.ts"
import type { ApplianceState } from "../../../core/schema/desktop.ts"
import { ProblemNote } from "../../components/problem.tsx"
import { useApp } from "../../stores/context.ts"
import { type Draft, draftOf, parseDraft } from "./draft.ts"

const methods = [
	{ value: "agent", label: "SSH agent" },
	{ value: "key", label: "Key file" },
	{ value: "password", label: "Password" },
] satisfies { value: SignIn["method"]; label: string }[]

const explanations: Record<SignIn["method"], string> = {
	agent: "Uses the keys that your SSH agent holds.",
	key: "A passphrase, if it has one, is asked for when needed.",
	password: "Asked for when needed, kept in memory only.",
}

interface FormProps {
	/** The appliance to change; undefined adds one. */
	appliance?: ApplianceState | undefined
	onClose(): void
	onSaved(appliance: ApplianceState, test: boolean): void
}

export function ApplianceForm({ appliance, onClose, onSaved }: FormProps) {
	const { api } = useApp()
	const [draft, setDraft] = useState(() => draftOf(appliance))
	const [shown, setShown] = useState(false)
	const [saving, setSaving] = useState(false)
	const [error, setError] = useState<unknown>()
	const parsed = parseDraft(draft)
	const errors = shown ? parsed.errors : {}
	const set = (change: Partial<Draft>) => setDraft((now) => ({ ...now, ...change }))

	const save = async (event: FormEvent, test: boolean) => {
		event.preventDefault()
		setShown(true)
		if (!parsed.appliance) return
		setSaving(true)
		setError(undefined)
		try {
			onSaved(await api.appliances.save({ ...parsed.appliance, ...(appliance ? { id: appliance.id } : {}) }), test)
		} catch (problem) {
			setError(problem)
			setSaving(false)
		}
	}

	return (
		<Drawer opened onClose={onClose} title={appliance ? `Edit ${appliance.name}` : "Add an appliance"}>
			<form onSubmit={(event) => void save(event, true)} noValidate>
				<Stack gap="md">
					<TextInput
						label="Name"
						placeholder="Berger family, cellar"
						data-autofocus
						required
						value={draft.name}
						error={errors.name}
						onChange={(event) => set({ name: event.currentTarget.value })}
					/>
					<Group align="flex-start" gap="sm" wrap="nowrap">
						<TextInput
							flex={1}
							label="Host name or address"
							placeholder="homeserver.example"
							required
							value={draft.host}
							error={errors.host}
							onChange={(event) => set({ host: event.currentTarget.value })}
						/>
						<NumberInput
							w={92}
							label="Port"
							hideControls
							allowDecimal={false}
							allowNegative={false}
							value={draft.port}
							error={errors.port}
							onChange={(port) => set({ port })}
						/>
					</Group>
					<TextInput
						label="User"
						required
						value={draft.user}
						error={errors.user}
						onChange={(event) => set({ user: event.currentTarget.value })}
					/>
					<div>
						<Text size="xs" fw={500} mb={4} id="sign-in-label">
							Sign in with
						</Text>
						<SegmentedControl
							fullWidth
							data={methods}
							value={draft.method}
							aria-labelledby="sign-in-label"
							onChange={(method) => set({ method: method as SignIn["method"] })}
						/>
						<Text size="xs" c="dimmed" mt={5}>
							{explanations[draft.method]}
						</Text>
					</div>
					{draft.method === "key" && (
						<TextInput
							label="Path of the private key"
							placeholder="/home/you/.ssh/id_ed25519"
							required
							value={draft.keyPath}
							error={errors.keyPath}
							onChange={(event) => set({ keyPath: event.currentTarget.value })}
						/>
					)}
					<Checkbox
						label="Become root with sudo after signing in"
						description="For users other than root. The runner needs root's rights."
						checked={draft.become === "sudo"}
						onChange={(event) => set({ become: event.currentTarget.checked ? "sudo" : "none" })}
					/>
					<TagsInput
						label="Tags"
						placeholder="Enter after each"
						value={draft.tags}
						onChange={(tags) => set({ tags })}
					/>
					<Textarea
						label="Notes"
						autosize
						minRows={2}
						maxRows={8}
						value={draft.notes}
						onChange={(event) => set({ notes: event.currentTarget.value })}
					/>
					{error !== undefined && <ProblemNote error={error} />}
					<Group justify="flex-end" gap="sm">
						<Button variant="default" onClick={onClose}>
							Cancel
						</Button>
						<Button variant="default" loading={saving} onClick={(event) => void save(event, false)}>
							Save
						</Button>
						<Button type="submit" loading={saving}>
							Save and test
						</Button>
					</Group>
				</Stack>
			</form>
		</Drawer>
	)
}
