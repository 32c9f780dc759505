import { Button, Group, Modal, Text } from "@mantine/core"
import { useEffect, useState } from "react"
import type { ConversionItem } from "../../../core/schema/legacy/conversion.ts"
import type { LegacyLook, LibraryModule } from "../../../core/schema/library.ts"
import { Awaited } from "../../components/awaited.tsx"
import { Note } from "../../components/note.tsx"
import { Tag, type Tone } from "../../components/outcome.tsx"
import { ProblemNote } from "../../components/problem.tsx"
import { sentence } from "../../components/words.ts"
import { useApp } from "../../stores/context.ts"
import classes from "./library.module.css"
import { NameForm } from "./name-form.tsx"

interface LegacyProps {
	folder: string
	onClose(): void
	onImported(module: LibraryModule): void
}

/** Shows what would become of each part of a legacy module, and only then imports it. */
export function LegacyDialog({ folder, onClose, onImported }: LegacyProps) {
	const { api } = useApp()
	const [look, setLook] = useState<LegacyLook>()
	const [error, setError] = useState<unknown>()
	useEffect(() => {
		api.library.readLegacy({ folder }).then(setLook, setError)
	}, [api, folder])
	return (
		<Modal opened onClose={onClose} title="Import a legacy module" size={860}>
			{error !== undefined && <ProblemNote error={error} />}
			{error === undefined && !look && <Awaited onStop={onClose}>Looking at what would become of each part</Awaited>}
			{look && <Looked look={look} onClose={onClose} onImported={onImported} />}
		</Modal>
	)
}

function Looked({ look, onClose, onImported }: { look: LegacyLook } & Omit<LegacyProps, "folder">) {
	const { api } = useApp()
	const { folder, base, conversion } = look
	const faults = [...look.findings, ...(conversion?.findings ?? [])].filter(({ severity }) => severity === "fault")
	if (!conversion || faults.length > 0)
		return (
			<>
				<Note tone="bad" title="Nothing of this module can be imported." alert>
					Mend what is named here in its own index.json first.
				</Note>
				<ul className={classes.legacyItems}>
					{faults.map(({ path, line, message, remedy }) => (
						<li key={`${path} ${message}`}>
							<span>{`Line ${line}: ${sentence(message)} ${sentence(remedy)}`}</span>
						</li>
					))}
				</ul>
				<Group justify="flex-end" mt="md">
					<Button variant="default" onClick={onClose}>
						Close
					</Button>
				</Group>
			</>
		)
	const importIt = (name: string, signal: AbortSignal) => api.library.importLegacy({ folder, name, base }, { signal })
	return (
		<NameForm
			name={folder.split(/[/\\]/).at(-1) ?? ""}
			button="Import"
			onSubmit={importIt}
			onDone={onImported}
			onClose={onClose}
		>
			<Text size="sm">
				{`${sumOf(conversion.items)}. ${sentence(`pools: ${conversion.pools}, ${conversion.grouping}`)} Nothing is written yet.`}
			</Text>
			<section
				className={classes.legacyParts}
				aria-label="Parts"
				// biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
				tabIndex={0}
			>
				<ul className={classes.legacyItems} aria-label="What becomes of each part">
					{conversion.items.map((item) => (
						<Item key={`${item.path} ${item.kind} ${item.name} ${item.message}`} item={item} />
					))}
				</ul>
			</section>
		</NameForm>
	)
}

const looks: Record<ConversionItem["outcome"], { tone: Tone; word: string }> = {
	converted: { tone: "good", word: "Converted" },
	noted: { tone: "warn", word: "With a note" },
	"not-converted": { tone: "bad", word: "Not converted" },
}

function Item({ item: { kind, name, outcome, line, message, remedy } }: { item: ConversionItem }) {
	return (
		<li>
			<Tag tone={looks[outcome].tone}>{looks[outcome].word}</Tag>
			<span>
				<b>
					{kind} {name}
				</b>
				, line {line}: {sentence(message)} {remedy !== undefined && sentence(remedy)}
			</span>
		</li>
	)
}

function sumOf(items: ConversionItem[]): string {
	const of = (outcome: ConversionItem["outcome"]) => items.filter((item) => item.outcome === outcome).length
	return `Converted: ${of("converted")}, with a note: ${of("noted")}, not converted: ${of("not-converted")}`
}
