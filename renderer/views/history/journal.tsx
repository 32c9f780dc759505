import { Button, Loader, Table } from "@mantine/core"
import { useMemo, useState } from "react"
import { count, formatMoment } from "../../components/format.ts"
import { Panel } from "../../components/panel.tsx"
import { ProblemNote } from "../../components/problem.tsx"
import { SearchField } from "../../components/search-field.tsx"
import classes from "./journal.module.css"
import { type JournalRow, searchRows } from "./journal-events.ts"
import { JournalFiles } from "./journal-files.tsx"
import { useJournal } from "./use-journal.ts"

/** Rows that are drawn at once. */
const PAGE = 200

/** Everything that a run did to files, and everything it said; read when it is asked for. */
export function JournalPanel({ runId }: { runId: string }) {
	const [isOpen, setOpen] = useState(false)
	return (
		<div className={classes.panel}>
			<Panel
				title="Journal"
				label="Journal"
				note={isOpen ? undefined : "Digests of the files before and after, and every event of the run"}
				actions={
					<Button variant="default" size="compact-xs" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
						{isOpen ? "Hide" : "Show"}
					</Button>
				}
			>
				{isOpen && <Journal runId={runId} />}
			</Panel>
		</div>
	)
}

function Journal({ runId }: { runId: string }) {
	const { state, rows, files, total, error } = useJournal(runId)
	if (state === "reading") return <Loader size="sm" m={12} />
	if (state === "failed") return <ProblemNote error={error} />
	return (
		<>
			{files.length > 0 && <JournalFiles runId={runId} files={files} />}
			<Events rows={rows} total={total} />
		</>
	)
}

function Events({ rows, total }: { rows: JournalRow[]; total: number }) {
	const [text, setText] = useState("")
	const [limit, setLimit] = useState(PAGE)
	const found = useMemo(() => searchRows(rows, text), [rows, text])
	const shown = found.slice(0, limit)
	return (
		<>
			<div className={classes.bar}>
				<SearchField label="Search the journal" size="xs" value={text} onSearch={setText} />
				<span role="status" className={classes.soft}>
					{count(found.length, "event")}
					{rows.length < total && ` of the first ${rows.length}; the run said ${total}`}
				</span>
			</div>
			<Table.ScrollContainer minWidth={760} type="native">
				<Table className={classes.table} aria-label="Events">
					<Table.Thead>
						<Table.Tr>
							<Table.Th>No.</Table.Th>
							<Table.Th>Time</Table.Th>
							<Table.Th>Event</Table.Th>
							<Table.Th>Pool</Table.Th>
							<Table.Th>What it says</Table.Th>
						</Table.Tr>
					</Table.Thead>
					<Table.Tbody>
						{shown.map(({ seq, time, type, pool, words }) => (
							<Table.Tr key={seq}>
								<Table.Td className={classes.soft}>{seq}</Table.Td>
								<Table.Td className={classes.time}>{formatMoment(time)}</Table.Td>
								<Table.Td>{type}</Table.Td>
								<Table.Td>{pool}</Table.Td>
								<Table.Td className={classes.words}>{words}</Table.Td>
							</Table.Tr>
						))}
					</Table.Tbody>
				</Table>
			</Table.ScrollContainer>
			{shown.length < found.length && (
				<Button variant="subtle" size="compact-xs" m={8} onClick={() => setLimit(limit + PAGE)}>
					Show more
				</Button>
			)}
		</>
	)
}
