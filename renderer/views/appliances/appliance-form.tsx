import {
	Button,
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
import { type FormEvent, useId, useState } from "react"
import type { Become, SignIn } from "../../../core/schema/appliance.ts"
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

const ways = [
	{ value: "none", label: "Not needed" },
	{ value: "sudo", label: "sudo" },
	{ value: "doas", label: "doas" },
] satisfies { value: Become; label: string }[]

const wayExplanations: Record<Become, string> = {
	none: "You sign in as root.",
	sudo: "The password, if sudo wants one, is asked for when needed.",
	doas: "The account must be allowed it without a password (nopass).",
}

/** Explanations stand below their field, as those of the choices do. */
const below: ("label" | "input" | "description" | "error")[] = ["label", "input", "error", "description"]

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
							description="Or an alias of ~/.ssh/config."
							inputWrapperOrder={below}
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
					<Choice
						label="Sign in with"
						data={methods}
						value={draft.method}
						explanation={explanations[draft.method]}
						onChange={(method) => set({ method })}
					/>
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
					<Choice
						label="Become root with"
						data={ways}
						value={draft.become}
						explanation={wayExplanations[draft.become]}
						onChange={(become) => set({ become })}
					/>
					<TextInput
						label="Jump hosts"
						description="Empty: as ~/.ssh/config says. The word none: straight there."
						inputWrapperOrder={below}
						placeholder="user@bastion.example:22"
						value={draft.jump}
						error={errors.jump}
						onChange={(event) => set({ jump: event.currentTarget.value })}
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

/** One of a few ways, with a line on the chosen one. */
function Choice<T extends string>(props: {
	label: string
	data: { value: T; label: string }[]
	value: T
	explanation: string
	onChange(value: T): void
}) {
	const id = useId()
	return (
		<div>
			<Text size="xs" fw={500} mb={4} id={id}>
				{props.label}
			</Text>
			<SegmentedControl
				fullWidth
				data={props.data}
				value={props.value}
				aria-labelledby={id}
				onChange={(value) => props.onChange(value as T)}
			/>
			<Text size="xs" c="dimmed" mt={5}>
				{props.explanation}
			</Text>
		</div>
	)
}
