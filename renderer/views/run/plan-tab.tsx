import { Button, Loader, Text } from "@mantine/core"
import { useMemo, useState } from "react"
import type { Plan } from "../../../core/schema/plan.ts"
import { Commands } from "../../components/code.tsx"
import { count, formatBytes } from "../../components/format.ts"
import { Note } from "../../components/note.tsx"
import { ProblemNote } from "../../components/problem.tsx"
import { sentence } from "../../components/words.ts"
import { useApp, useDesktop, useWorkspace } from "../../stores/context.ts"
import type { PlanState } from "../../stores/workspace.ts"
import { PlanPool } from "./plan-pool.tsx"
import review from "./review.module.css"
import {
	changeWords,
	expectedWords,
	isOfAppliance,
	makeReviewRows,
	type ReviewRow,
	reviewWords,
} from "./review-rows.ts"
import { ReviewTable } from "./review-table.tsx"
import classes from "./run.module.css"

/** What a run would do on all chosen appliances: a line each, and one of them in full. */
export function PlanTab() {
	const { workspace } = useApp()
	const { plans, durations, durationsError, changed } = useWorkspace((now) => now)
	const appliances = useDesktop((desktop) => desktop.state?.appliances)
	const rows = useMemo(() => makeReviewRows(appliances ?? [], plans, durations), [appliances, plans, durations])
	const [chosen, setChosen] = useState<string>()
	const first = appliances?.find((one) => plans[one.id])?.id
	const shown = rows.find(({ id }) => id === chosen) ?? rows.find(({ id }) => id === first)
	if (!shown) {
		return (
			<div className={classes.noPlan}>
				<Text size="sm">A review asks each chosen appliance what a run would do there, and changes nothing.</Text>
				<Text size="xs" c="dimmed">
					Choose appliances on the right, then Review. What you have seen is what is run.
				</Text>
			</div>
		)
	}
	const isAsked = rows.some(({ state }) => state === "planning")
	return (
		<div className={classes.plan}>
			<div className={review.bar}>
				<span role="status">{reviewWords(rows)}</span>
				{isAsked ? (
					<Button variant="default" size="compact-xs" onClick={workspace.stopPlanning}>
						Stop asking
					</Button>
				) : (
					<Button variant="subtle" size="compact-xs" onClick={() => void workspace.plan()}>
						Plan again
					</Button>
				)}
			</div>
			{durationsError !== undefined && <ProblemNote tone="warn" error={durationsError} />}
			{rows.length > 1 && <ReviewTable rows={rows} shown={shown.id} onShow={setChosen} />}
			<ChangedNote changes={changed[shown.id]} />
			<OnePlan row={shown} state={plans[shown.id]} onRetry={() => void workspace.plan()} />
		</div>
	)
}

/** What became another way after somebody had looked at it. */
function ChangedNote({ changes }: { changes: readonly string[] | undefined }) {
	if (!changes) return null
	return (
		<Note tone="warn" title="The run was not started: this is another plan than the one you looked at. Look once more.">
			<ul className={review.list}>
				{changes.map((change) => (
					<li key={change}>{sentence(change)}</li>
				))}
			</ul>
		</Note>
	)
}

function OnePlan({ row, state, onRetry }: { row: ReviewRow; state: PlanState | undefined; onRetry(): void }) {
	if (!state || state.state === "planning") {
		return (
			<div className={classes.planning} role="status">
				<Loader size="xs" /> Asking {row.name} …
			</div>
		)
	}
	if (state.state === "failed") return <ProblemNote error={state.error} onRetry={onRetry} />
	return <PlanDetail plan={state.plan} row={row} />
}

function PlanDetail({ plan, row }: { plan: Plan; row: ReviewRow }) {
	const { name, alike, drift, expected } = row
	return (
		<>
			<div className={classes.planSummary}>
				<span>
					<b>{name}</b> {versionWords(plan)}
				</span>
				<span className={classes.soft}>{changeWords(plan)}</span>
				<span className={classes.soft}>
					{formatBytes(plan.space.neededBytes)} needed, {formatBytes(plan.space.freeBytes)} free
				</span>
				<span className={classes.soft}>Takes: {expectedWords(expected)}</span>
				{alike > 0 && <span className={classes.soft}>Same as on {count(alike, "other")}</span>}
			</div>
			{plan.refusal !== undefined && (
				<Note tone="bad" title="A run would be refused.">
					{sentence(plan.refusal)}
				</Note>
			)}
			{unsettledWords(plan).map((words) => (
				<Note key={words} tone="warn" title={words} />
			))}
			{drift.length > 0 && (
				<Note
					tone="warn"
					title={`${count(drift.length, "file")} ${drift.length === 1 ? "was" : "were"} changed by somebody since our last run.`}
				>
					<ul className={review.list}>
						{drift.map((path) => (
							<li key={path}>
								<code>{path}</code>
							</li>
						))}
					</ul>
				</Note>
			)}
			{row.isShort && (
				<Note tone="bad" title="There is not enough space on the appliance for the backups and the new files." />
			)}
			{plan.findings.filter(isOfAppliance).map(({ path, line, message, remedy }) => (
				<Note key={`${path} ${message}`} tone="warn" title={sentence(message)}>
					{`Line ${line} of index.json: ${remedy}.`}
				</Note>
			))}
			{plan.pools.map((pool) => (
				<PlanPool key={pool.pool} pool={pool} />
			))}
			<section className={classes.pool} aria-label="Final closure">
				<div className={classes.poolHead}>
					<div>
						<h3 className={classes.poolName}>Final closure</h3>
						<p className={classes.poolText}>Runs only when every pool then stands applied.</p>
					</div>
				</div>
				<div className={classes.poolBody}>
					{plan.finalClosure.length > 0 ? (
						<Commands commands={plan.finalClosure} label="Final closure" />
					) : (
						<p className={classes.poolText}>This module has none.</p>
					)}
				</div>
			</section>
		</>
	)
}

/** What may stand there otherwise by the time a run begins. */
function unsettledWords({ running, interrupted }: Plan): string[] {
	return [
		...(running ? [`Run ${running.run} is going on there: plan again when it has ended.`] : []),
		...interrupted.map((run) => `Run ${run} was cut short there: a run puts it back first.`),
	]
}

function versionWords({ installedVersion, module }: Plan): string {
	if (installedVersion === undefined) return `gets ${module.version}; none was there before`
	if (installedVersion === module.version) return `has ${module.version} already`
	return `goes from ${installedVersion} to ${module.version}`
}
