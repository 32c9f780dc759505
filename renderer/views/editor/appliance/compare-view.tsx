import { Button, Loader } from "@mantine/core"
import { useMemo } from "react"
import type { ApplianceState } from "../../../../core/schema/desktop.ts"
import { compareFiles } from "../../../../core/schema/variants.ts"
import { Panel } from "../../../components/panel.tsx"
import { ProblemNote } from "../../../components/problem.tsx"
import { useEditing } from "../context.ts"
import classes from "./appliance.module.css"
import { CompareBar, type CompareChoice } from "./compare-bar.tsx"
import { ComparedFileRow } from "./compared-file.tsx"
import { answersOf, type ComparisonState, progressWords } from "./comparing.ts"
import { keyOfFile, poolsByFile } from "./entries.ts"
import { PoolChoice } from "./pool-choice.tsx"
import { useComparing } from "./use-comparing.ts"
import { useFetch } from "./use-fetch.ts"

interface Props {
	appliances: ApplianceState[]
	/** What is filled in at first. */
	choice?: CompareChoice
}

/** Files as they stand on several appliances, in variants; each can be fetched. Nothing is changed there. */
export function CompareView({ appliances, choice }: Props) {
	const comparing = useComparing()
	const fetching = useFetch()
	const { now } = comparing
	const names = new Map(appliances.map(({ id, name }) => [id, name]))
	const nameOf = (id: string) => names.get(id) ?? id
	const files = useComparedFiles(now)
	return (
		<Panel label="Compare appliances">
			<CompareBar
				appliances={appliances}
				choice={choice}
				isGoing={now?.state === "going"}
				onCompare={({ applianceIds, paths }) => void comparing.start(applianceIds, paths)}
			/>
			{now === undefined && (
				<p className={classes.hint}>
					With the module as it is saved, or only these paths. Nothing is ever changed on the appliances.
				</p>
			)}
			{now && <Progress now={now} nameOf={nameOf} onCancel={comparing.cancel} />}
			{now && <Failures now={now} nameOf={nameOf} />}
			{now?.asked?.files.length === 0 && <p className={classes.hint}>The module names no destination yet.</p>}
			{files.length > 0 && (
				<>
					<div className={classes.bar}>
						<span className={classes.hint}>Variants are fetched into src/; a path that no pool has yet goes into</span>
						<PoolChoice fetching={fetching} />
					</div>
					<ul className={classes.compared} aria-label="Destinations">
						{files.map((file) => (
							<li key={`${file.target} ${file.destination}`}>
								<ComparedFileRow file={file} nameOf={nameOf} fetching={fetching} />
							</li>
						))}
					</ul>
				</>
			)}
			{now?.asked && now.asked.left > 0 && (
				<p className={classes.hint}>{now.asked.left} more destinations are not compared at once.</p>
			)}
		</Panel>
	)
}

/** Beside the sources and pools as they are by now: what was just fetched is neither another one nor missing any more. */
function useComparedFiles(now: ComparisonState | undefined) {
	const sources = useEditing(({ module }) => module.sources)
	const value = useEditing((editing) => editing.value)
	return useMemo(() => {
		const answers = now ? answersOf(now) : []
		if (answers.length === 0) return []
		const pools = poolsByFile(value)
		const asked = now?.asked?.files.map((file) => ({ ...file, pools: pools.get(keyOfFile(file)) ?? [] })) ?? []
		return compareFiles(asked, sources, answers)
	}, [now, sources, value])
}

interface PartProps {
	now: ComparisonState
	nameOf(id: string): string
}

function Progress({ now, nameOf, onCancel }: PartProps & { onCancel(): void }) {
	return (
		<div className={classes.progress}>
			{now.state === "going" && <Loader size={14} aria-hidden />}
			<p role="status" aria-label="Comparing">
				{now.state === "cancelled" && "Cancelled: "}
				{progressWords(now, nameOf)}
			</p>
			{now.state === "going" && (
				<Button size="compact-xs" variant="default" onClick={onCancel}>
					Cancel
				</Button>
			)}
		</div>
	)
}

function Failures({ now, nameOf }: PartProps) {
	return (
		<>
			{now.error !== undefined && <ProblemNote error={now.error} />}
			{Object.entries(now.failed).map(([id, failure]) => (
				<section key={id} className={classes.failed} aria-label={`${nameOf(id)} was not compared`}>
					<p className={classes.hint}>{nameOf(id)} was not compared:</p>
					<ProblemNote failure={failure} tone="warn" />
				</section>
			))}
		</>
	)
}
