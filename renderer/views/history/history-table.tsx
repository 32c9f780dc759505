import { Table, Text, VisuallyHidden } from "@mantine/core"
import type { PoolResult } from "../../../core/schema/desktop.ts"
import { reasonText } from "../../../core/schema/outcome-sentences.ts"
import { formatDuration, formatMoment } from "../../components/format.ts"
import { OutcomeTag } from "../../components/outcome.tsx"
import { Ago } from "../../components/time.tsx"
import { goTo, hashOf } from "../../stores/route.ts"
import classes from "./history.module.css"
import { PoolActions } from "./pool-actions.tsx"

/** One row a pool and run, newest first; each leads to its record. */
export function HistoryTable({ results }: { results: PoolResult[] }) {
	return (
		<>
			<Table.ScrollContainer minWidth={820} type="native">
				<Table className={classes.table} highlightOnHover>
					<Table.Thead>
						<Table.Tr>
							<Table.Th>Ended</Table.Th>
							<Table.Th>Pool</Table.Th>
							<Table.Th>Outcome</Table.Th>
							<Table.Th>Appliance</Table.Th>
							<Table.Th>Module</Table.Th>
							<Table.Th className={classes.why}>Why</Table.Th>
							<Table.Th className={classes.right}>Took</Table.Th>
							<Table.Th>
								<VisuallyHidden>Actions</VisuallyHidden>
							</Table.Th>
						</Table.Tr>
					</Table.Thead>
					<Table.Tbody>
						{results.map((result) => (
							<Row key={`${result.runId} ${result.pool}`} result={result} />
						))}
					</Table.Tbody>
				</Table>
			</Table.ScrollContainer>
			{results.length === 0 && <NothingFits />}
		</>
	)
}

function Row({ result }: { result: PoolResult }) {
	const record = { view: "record" as const, run: result.runId, pool: result.pool }
	return (
		<Table.Tr className={classes.row} onClick={() => goTo(record)}>
			<Table.Td className={classes.when} title={formatMoment(result.finishedAt)}>
				<Ago time={result.finishedAt} />
			</Table.Td>
			<Table.Th scope="row">
				<a className={classes.link} href={hashOf(record)} onClick={(event) => event.stopPropagation()}>
					{result.pool}
				</a>
				{result.reason && <span className={classes.whyBelow}>{reasonText(result.reason)}</span>}
			</Table.Th>
			<Table.Td>
				<OutcomeTag outcome={result.outcome} reason={result.reason} kind={result.kind} />
			</Table.Td>
			<Table.Td className={classes.nowrap}>{result.applianceName}</Table.Td>
			<Table.Td className={classes.nowrap}>
				{result.moduleName} <span className={classes.soft}>{result.moduleVersion}</span>
				{result.kind !== "apply" && <span className={classes.soft}> · {result.kind}</span>}
			</Table.Td>
			<Table.Td className={classes.why} title={result.reason?.message}>
				{result.reason && reasonText(result.reason)}
			</Table.Td>
			<Table.Td className={classes.right}>{formatDuration(result.durationMs)}</Table.Td>
			<Table.Td className={classes.actions} onClick={(event) => event.stopPropagation()}>
				<PoolActions of={result} />
			</Table.Td>
		</Table.Tr>
	)
}

export function NothingFits() {
	return (
		<Text size="sm" c="dimmed" p="lg" ta="center">
			Nothing fits these filters.
		</Text>
	)
}
