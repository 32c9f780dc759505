import { Button, Table } from "@mantine/core"
import { Fragment, useState } from "react"
import { Path } from "../../components/code.tsx"
import { FileDifference } from "./file-difference.tsx"
import classes from "./journal.module.css"
import type { FileChange } from "./journal-events.ts"

const COLUMNS = 5

/** Every file of a run, before and after: digests, and on demand what differs. */
export function JournalFiles({ runId, files }: { runId: string; files: FileChange[] }) {
	const [opened, setOpened] = useState<ReadonlySet<FileChange>>(new Set())
	const toggle = (file: FileChange) => {
		const next = new Set(opened)
		if (!next.delete(file)) next.add(file)
		setOpened(next)
	}
	return (
		<Table.ScrollContainer minWidth={760} type="native">
			<Table className={classes.table} aria-label="Files before and after">
				<Table.Thead>
					<Table.Tr>
						<Table.Th>File</Table.Th>
						<Table.Th>Pool</Table.Th>
						<Table.Th>Before</Table.Th>
						<Table.Th>After</Table.Th>
						<Table.Th>
							<span className={classes.hidden}>What differs</span>
						</Table.Th>
					</Table.Tr>
				</Table.Thead>
				<Table.Tbody>
					{files.map((file) => (
						<Fragment key={`${file.pool} ${file.destination}`}>
							<FileRow file={file} isOpen={opened.has(file)} onToggle={() => toggle(file)} />
							{opened.has(file) && (
								<Table.Tr>
									<Table.Td colSpan={COLUMNS} className={classes.opened}>
										<FileDifference runId={runId} file={file} />
									</Table.Td>
								</Table.Tr>
							)}
						</Fragment>
					))}
				</Table.Tbody>
			</Table>
		</Table.ScrollContainer>
	)
}

function FileRow({ file, isOpen, onToggle }: { file: FileChange; isOpen: boolean; onToggle(): void }) {
	const { pool, destination, before, after } = file
	const isSame = before?.digest === after?.digest
	return (
		<Table.Tr>
			<Table.Th scope="row">
				<Path path={destination} />
			</Table.Th>
			<Table.Td>{pool}</Table.Td>
			<Table.Td>
				<Digest digest={before?.digest} />
			</Table.Td>
			<Table.Td>
				{isSame ? <span className={classes.soft}>as before</span> : <Digest digest={after?.digest} />}
			</Table.Td>
			<Table.Td className={classes.button}>
				{!isSame && (
					<Button
						variant="default"
						size="compact-xs"
						aria-expanded={isOpen}
						aria-label={`${isOpen ? "Hide the difference" : "Difference"} in ${destination}`}
						onClick={onToggle}
					>
						{isOpen ? "Hide" : "Difference"}
					</Button>
				)}
			</Table.Td>
		</Table.Tr>
	)
}

function Digest({ digest }: { digest: string | undefined }) {
	if (digest === undefined) return <span className={classes.soft}>no file</span>
	return <code title={digest}>{digest.slice(0, 16)}</code>
}
