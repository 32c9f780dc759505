import { Button, Checkbox, Group, Modal, Stack, Table, Text, Textarea } from "@mantine/core"
import { type KeyboardEvent, useRef, useState } from "react"
import type { Answer } from "../../../core/schema/desktop.ts"
import { count } from "../../components/format.ts"
import { ProblemNote } from "../../components/problem.tsx"
import { failureOf } from "../../rpc/problem.ts"
import { useApp } from "../../stores/context.ts"
import type { QuestionOf } from "../../stores/shown-question.ts"
import { WhereToFind } from "./host-key.tsx"
import { KeyRow, type RowState } from "./key-row.tsx"
import classes from "./questions.module.css"
import { useKeyList } from "./use-key-list.ts"

interface KeyTableProps {
	/** The open ones. */
	questions: QuestionOf<"host-key">[]
	/** How many other questions wait. */
	others: number
	/** The pasted list of fingerprints. */
	list: string
	onList(list: string): void
}

/** Many host keys that are not known yet, in one table. Rows keep their place whatever comes in or is answered. */
export function KeyTable({ questions, others, list, onList }: KeyTableProps) {
	const rows = useRows(questions)
	const { matches, words } = useKeyList(list, rows)
	const [byHand, setByHand] = useState<ReadonlyMap<string, boolean>>(new Map())
	const { answers, sending, error, give } = useAnswers()
	const [active, setActive] = useState(rows[0]?.id)
	const table = useRef<HTMLTableElement>(null)

	const open = questions.map(({ id }) => id).filter((id) => answers.get(id) === undefined)
	const isRevoked = (id: string) => matches.get(id)?.kind === "revoked"
	const isTicked = (id: string) => !isRevoked(id) && (byHand.get(id) ?? matches.get(id)?.kind === "listed")
	const ticked = open.filter(isTicked)
	const rest = open.filter((id) => !isTicked(id))
	const selectable = open.filter((id) => !isRevoked(id))
	const stateOf = (id: string): RowState => answers.get(id) ?? (open.includes(id) ? "open" : "gone")
	const tick = (ids: string[], wanted: boolean) =>
		setByHand((now) => new Map([...now, ...ids.map((id) => [id, wanted] as const)]))
	const changeList = (text: string) => {
		// What was left out by hand before the list was there is looked at anew.
		setByHand((now) => new Map([...now].filter(([, wanted]) => wanted)))
		onList(text)
	}
	const step = (event: KeyboardEvent) => {
		const by = { ArrowDown: 1, ArrowUp: -1 }[event.key]
		const boxes = [...(table.current?.querySelectorAll<HTMLInputElement>("tbody input") ?? [])]
		if (by === undefined || boxes.length === 0) return
		event.preventDefault()
		const at = boxes.indexOf(document.activeElement as HTMLInputElement)
		boxes[Math.min(Math.max(at + by, 0), boxes.length - 1)]?.focus()
	}
	// One row can be reached by Tab, the others from there with the arrows.
	const reachable = active !== undefined && open.includes(active) ? active : open[0]

	return (
		<Modal
			opened
			onClose={() => void give(open, { kind: "refuse" })}
			title="Are these really your appliances?"
			size={900}
			closeOnClickOutside={false}
			closeButtonProps={{ "aria-label": "Close and refuse all" }}
		>
			<Stack gap="sm">
				<Text size="sm">
					Their host keys are not known yet. Compare each fingerprint with the one you got from the appliance itself or
					from its owner, and select those that are equal. A trusted key is remembered.
				</Text>
				<div className={classes.rows}>
					<Table ref={table} stickyHeader className={classes.table} aria-label="Host keys" onKeyDown={step}>
						<Table.Thead>
							<Table.Tr>
								<Table.Th>
									<Checkbox
										aria-label="Select all"
										checked={ticked.length > 0 && ticked.length === selectable.length}
										indeterminate={ticked.length > 0 && ticked.length < selectable.length}
										disabled={selectable.length === 0}
										onChange={(event) => tick(selectable, event.currentTarget.checked)}
									/>
								</Table.Th>
								<Table.Th>Appliance</Table.Th>
								<Table.Th>Host</Table.Th>
								<Table.Th>Key type</Table.Th>
								<Table.Th>Fingerprint</Table.Th>
							</Table.Tr>
						</Table.Thead>
						<Table.Tbody>
							{rows.map((row, index) => (
								<KeyRow
									key={row.id}
									question={row}
									state={stateOf(row.id)}
									ticked={isTicked(row.id)}
									match={matches.get(row.id)}
									twin={twinOf(rows, row)}
									first={index === 0}
									reachable={row.id === reachable}
									onTick={(wanted) => tick([row.id], wanted)}
									onFocus={() => setActive(row.id)}
								/>
							))}
						</Table.Tbody>
					</Table>
				</div>
				<Textarea
					label="Select by a list"
					placeholder="Paste fingerprints, lines of ssh-keygen -l, or a known_hosts file"
					minRows={2}
					maxRows={4}
					autosize
					maxLength={1_000_000}
					// Escape would refuse everything.
					data-mantine-stop-propagation="true"
					spellCheck={false}
					classNames={{ input: classes.list ?? "" }}
					value={list}
					onChange={(event) => changeList(event.currentTarget.value)}
				/>
				<Group justify="space-between" align="flex-start" gap="sm">
					<Text size="xs" c="dimmed" role="status" flex={1}>
						{words}
					</Text>
					<WhereToFind type="*" />
				</Group>
				{error !== undefined && <ProblemNote error={error} />}
				<Group justify="space-between" gap="sm">
					<Text size="xs" c="dimmed" role="status">
						{ticked.length} of {count(open.length, "host key")} selected
						{others > 0 && `; ${count(others, "other question")} after this`}
					</Text>
					<Group gap="sm">
						<Button
							variant="default"
							disabled={sending || rest.length === 0}
							onClick={() => void give(rest, { kind: "refuse" })}
						>
							{ticked.length === 0 ? `Refuse all ${rest.length}` : `Refuse the other ${rest.length}`}
						</Button>
						<Button
							loading={sending}
							disabled={ticked.length === 0}
							onClick={() => void give(ticked, { kind: "trust" })}
						>
							Trust {ticked.length} selected
						</Button>
					</Group>
				</Group>
			</Stack>
		</Modal>
	)
}

/** Every question that was open since the table is, in the order in which they came. */
function useRows(questions: QuestionOf<"host-key">[]) {
	const [rows, setRows] = useState(questions)
	const fresh = questions.filter(({ id }) => !rows.some((row) => row.id === id))
	if (fresh.length > 0) setRows([...rows, ...fresh])
	return rows
}

/** Another host that shows the very same key. */
function twinOf(rows: QuestionOf<"host-key">[], row: QuestionOf<"host-key">): string | undefined {
	return rows.find(({ id, fingerprint }) => id !== row.id && fingerprint === row.fingerprint)?.appliance
}

/** Gives one answer to many questions, and knows what was answered. */
function useAnswers() {
	const { api } = useApp()
	const [answers, setAnswers] = useState<ReadonlyMap<string, RowState>>(new Map())
	const [sending, setSending] = useState(false)
	const [error, setError] = useState<unknown>()

	const give = async (ids: string[], answer: Extract<Answer, { kind: "trust" | "refuse" }>) => {
		setSending(true)
		setError(undefined)
		const given = await Promise.allSettled(ids.map((id) => api.app.answer({ id, answer })))
		const state: RowState = answer.kind === "trust" ? "trusted" : "refused"
		const taken = ids.filter((_, index) => given[index]?.status === "fulfilled")
		setAnswers((now) => new Map([...now, ...taken.map((id) => [id, state] as const)]))
		// What nobody asks any more needs no answer.
		const isReal = (one: PromiseSettledResult<unknown>) =>
			one.status === "rejected" && failureOf(one.reason)?.code !== "not-found"
		const failed = given.find(isReal)
		if (failed?.status === "rejected") setError(failed.reason)
		setSending(false)
	}
	return { answers, sending, error, give }
}
