import { Button, Loader, Table } from "@mantine/core"
import { IconPlus, IconStack2 } from "@tabler/icons-react"
import type { RolloutSummary } from "../../../core/schema/rollout.ts"
import { countWords, orderCounts, statusWords } from "../../../core/schema/rollout-words.ts"
import { Empty } from "../../components/empty.tsx"
import { count, formatMoment } from "../../components/format.ts"
import { Panel, ViewHead } from "../../components/panel.tsx"
import { ProblemNote } from "../../components/problem.tsx"
import { Ago } from "../../components/time.tsx"
import { sentence } from "../../components/words.ts"
import { useRollouts } from "../../stores/context.ts"
import { goTo, hashOf } from "../../stores/route.ts"
import { useKeys } from "../shell/shortcuts.tsx"
import { ProgressBar } from "./progress.tsx"
import classes from "./rollout.module.css"
import { needsPerson } from "./words.ts"

/** Every rollout of this desktop, newest first. */
export function RolloutsView() {
	const { rollouts, error } = useRollouts((list) => list)
	useKeys({ n: () => goTo({ view: "new-rollout" }) })
	const start = (
		<Button component="a" href={hashOf({ view: "new-rollout" })} leftSection={<IconPlus size={14} />}>
			Start a rollout
		</Button>
	)
	return (
		<>
			<ViewHead
				title="Rollouts"
				note={rollouts && rollouts.length > 0 && `${count(rollouts.length, "rollout")}, newest first`}
				actions={rollouts && rollouts.length > 0 && start}
			/>
			{error !== undefined && <ProblemNote error={error} />}
			{!rollouts && error === undefined && <Loader size="sm" />}
			{rollouts?.length === 0 && (
				<Empty icon={<IconStack2 />} title="No rollout yet" actions={start}>
					A rollout takes one version of a module to many appliances in waves: first to one or a few, the canary, then
					to more. It stops by itself when too many fail, and can put everything back that it applied.
				</Empty>
			)}
			{rollouts && rollouts.length > 0 && <List rollouts={rollouts} />}
		</>
	)
}

function List({ rollouts }: { rollouts: readonly RolloutSummary[] }) {
	return (
		<Panel label="Rollouts">
			<Table className={classes.list} aria-label="Rollouts">
				<Table.Thead>
					<Table.Tr>
						<Table.Th>Module</Table.Th>
						<Table.Th>State</Table.Th>
						<Table.Th>Wave</Table.Th>
						<Table.Th>Appliances</Table.Th>
						<Table.Th>Begun</Table.Th>
					</Table.Tr>
				</Table.Thead>
				<Table.Tbody>
					{rollouts.map((rollout) => (
						<Row key={rollout.id} rollout={rollout} />
					))}
				</Table.Tbody>
			</Table>
		</Panel>
	)
}

function stateWords(rollout: RolloutSummary): string {
	const { status } = rollout
	if (status.state !== "gate" || status.until === undefined) return sentence(statusWords(rollout))
	return `The wave has ended; the next one begins on ${formatMoment(new Date(status.until).toISOString())}.`
}

function Row({ rollout }: { rollout: RolloutSummary }) {
	const { id, module, createdAt, counts, total, wave, waves } = rollout
	const known = orderCounts(counts)
	return (
		<Table.Tr data-waits={needsPerson(rollout) || undefined}>
			<Table.Th scope="row">
				<a href={hashOf({ view: "rollout", id })}>
					{module.name} {module.version}
				</a>
			</Table.Th>
			<Table.Td className={classes.listState}>{stateWords(rollout)}</Table.Td>
			<Table.Td className="tabular">
				{wave + 1} of {waves}
			</Table.Td>
			<Table.Td className={classes.listProgress}>
				<ProgressBar counts={known} label={`${module.name} ${module.version}`} />
				<span className={classes.soft}>
					{count(total, "appliance")}: {countWords(known)}
				</span>
			</Table.Td>
			<Table.Td className={classes.soft}>
				<Ago time={createdAt} />
			</Table.Td>
		</Table.Tr>
	)
}
