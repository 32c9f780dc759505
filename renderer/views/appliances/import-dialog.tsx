import { Button, Group, Modal, Stack, Text, Textarea } from "@mantine/core"
import { notifications } from "@mantine/notifications"
import { IconFileImport, IconTerminal2 } from "@tabler/icons-react"
import { useRef, useState } from "react"
import { type ImportPreview, type ImportSource, MAX_IMPORT_TEXT } from "../../../core/schema/fleet-import.ts"
import { count } from "../../components/format.ts"
import { Note } from "../../components/note.tsx"
import { ProblemNote } from "../../components/problem.tsx"
import { useApp } from "../../stores/context.ts"
import { choose, chooseShown, type Selection } from "../../stores/selection.ts"
import classes from "./fleet.module.css"
import { ImportTable, keyOf } from "./import-table.tsx"

/** Takes appliances over from elsewhere: what would become of each is shown first. */
export function ImportDialog({ onClose }: { onClose(): void }) {
	const { api } = useApp()
	const [read, setRead] = useState<{ preview: ImportPreview; chosen: Selection }>()
	const [busy, setBusy] = useState(false)
	const [error, setError] = useState<unknown>()

	const attempt = async (work: () => Promise<void>) => {
		setBusy(true)
		setError(undefined)
		try {
			await work()
		} catch (problem) {
			setError(problem)
		}
		setBusy(false)
	}
	const look = (source: ImportSource) =>
		attempt(async () => {
			const preview = await api.fleet.readImport(source)
			const added = preview.rows.filter(({ standing }) => standing === "new")
			setRead({ preview, chosen: { ids: new Set(added.map(keyOf)) } })
		})
	const takeOver = ({ preview, chosen }: NonNullable<typeof read>) =>
		attempt(async () => {
			const { added, changed } = await api.fleet.import({
				rows: preview.rows.filter((row) => chosen.ids.has(keyOf(row))),
			})
			const words =
				changed > 0 ? `${count(added, "appliance")} added, ${changed} changed.` : `${count(added, "appliance")} added.`
			notifications.show({ color: "teal", title: "Imported", message: words })
			onClose()
		})
	return (
		<Modal opened onClose={onClose} title="Import appliances" size={read ? 980 : 560}>
			<Stack gap="md">
				{read ? (
					<Preview
						preview={read.preview}
						chosen={read.chosen}
						onChoose={(chosen) => setRead({ ...read, chosen })}
						onBack={() => setRead(undefined)}
					/>
				) : (
					<Sources busy={busy} onLook={(source) => void look(source)} />
				)}
				{error !== undefined && <ProblemNote error={error} />}
				<Group justify="flex-end" gap="sm">
					<Button variant="default" onClick={onClose}>
						Cancel
					</Button>
					{read && (
						<Button loading={busy} disabled={read.chosen.ids.size === 0} onClick={() => void takeOver(read)}>
							Import {count(read.chosen.ids.size, "appliance")}
						</Button>
					)}
				</Group>
			</Stack>
		</Modal>
	)
}

function Sources({ busy, onLook }: { busy: boolean; onLook(source: ImportSource): void }) {
	const input = useRef<HTMLInputElement>(null)
	const [text, setText] = useState("")
	const [refused, setRefused] = useState<string>()
	const take = async (file: File | undefined) => {
		if (!file) return
		setRefused(
			file.size > MAX_IMPORT_TEXT ? `${file.name} is larger than ${MAX_IMPORT_TEXT / 1_000_000} MB.` : undefined,
		)
		if (file.size <= MAX_IMPORT_TEXT) onLook({ kind: "text", text: await file.text(), name: file.name })
	}
	return (
		<>
			<Text size="sm">
				From a table (CSV with a header row: name, host, port, user, sign-in, become, jump, tags, notes), an Ansible
				inventory (INI or YAML; its groups become tags, group_vars and host_vars beside it are not read), or the hosts
				of your SSH configuration. Nothing is changed before you have seen it. Passwords are never taken over.
			</Text>
			<Group gap="sm">
				<Button
					data-autofocus
					loading={busy}
					leftSection={<IconFileImport size={15} />}
					onClick={() => input.current?.click()}
				>
					Choose a file
				</Button>
				<Button
					variant="default"
					disabled={busy}
					leftSection={<IconTerminal2 size={15} />}
					onClick={() => onLook({ kind: "ssh-config" })}
				>
					From ~/.ssh/config
				</Button>
				<input
					ref={input}
					type="file"
					hidden
					aria-label="File with appliances"
					onChange={(event) => void take(event.currentTarget.files?.[0])}
				/>
			</Group>
			{refused !== undefined && <Note tone="bad" title={refused} alert />}
			<Textarea
				label="Or paste it here"
				autosize
				minRows={4}
				maxRows={10}
				maxLength={MAX_IMPORT_TEXT}
				value={text}
				onChange={(event) => setText(event.currentTarget.value)}
			/>
			{text.trim() !== "" && (
				<Button variant="default" disabled={busy} onClick={() => onLook({ kind: "text", text })}>
					Look at what is pasted
				</Button>
			)}
		</>
	)
}

const FORMATS: Record<ImportPreview["format"], string> = {
	csv: "a table (CSV)",
	"ansible-ini": "an Ansible inventory (INI)",
	"ansible-yaml": "an Ansible inventory (YAML)",
	"ssh-config": "your SSH configuration",
}

interface PreviewProps {
	preview: ImportPreview
	chosen: Selection
	onChoose(chosen: Selection): void
	onBack(): void
}

function Preview({ preview: { format, rows, problems }, chosen, onChoose, onBack }: PreviewProps) {
	const countOf = (standing: string) => rows.filter((row) => row.standing === standing).length
	const open = rows.filter(({ standing }) => standing !== "same").map(keyOf)
	const notes = problems.filter(({ isNote }) => isNote)
	const wrong = problems.filter(({ isNote }) => !isNote)
	return (
		<>
			<Group justify="space-between" gap="sm">
				<Text size="sm" role="status">
					Read as {FORMATS[format]}: {countOf("new")} new, {countOf("changed")} changed, {countOf("same")} the same
					{wrong.length > 0 ? `, ${count(wrong.length, "problem")}` : ""}.
				</Text>
				<Button size="compact-xs" variant="default" onClick={onBack}>
					Another source
				</Button>
			</Group>
			{wrong.length > 0 && (
				<Note tone="warn" title="Not understood, and not taken over">
					<Problems of={wrong} label="Problems" />
				</Note>
			)}
			{notes.length > 0 && (
				<Note tone="calm" title="Good to know">
					<Problems of={notes} label="Notes" />
				</Note>
			)}
			{rows.length > 0 && (
				<ImportTable
					rows={rows}
					chosen={chosen.ids}
					onChoose={(key, isRange) => onChoose(choose(chosen, open, key, isRange))}
					onChooseAll={() => onChoose(chooseShown(chosen, open))}
				/>
			)}
		</>
	)
}

function Problems({ of, label }: { of: ImportPreview["problems"]; label: string }) {
	return (
		// biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls
		<ul className={classes.problems} tabIndex={0} aria-label={label}>
			{of.map(({ line, text }, index) => (
				// biome-ignore lint/suspicious/noArrayIndexKey: they never change
				<li key={index}>
					{line !== undefined && <span className={classes.line}>line {line}: </span>}
					{text}
				</li>
			))}
		</ul>
	)
}
