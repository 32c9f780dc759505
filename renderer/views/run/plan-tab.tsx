import { Button, Loader, SegmentedControl, Select, Text } from "@mantine/core"
import { useState } from "react"
import type { Finding } from "../../../core/schema/finding.ts"
import type { Plan } from "../../../core/schema/plan.ts"
import { Commands } from "../../components/code.tsx"
import { count, formatBytes } from "../../components/format.ts"
import { Note } from "../../components/note.tsx"
import { ProblemNote } from "../../components/problem.tsx"
import { sentence } from "../../components/words.ts"
import { useApp, useDesktop, useWorkspace } from "../../stores/context.ts"
import type { PlanState } from "../../stores/workspace.ts"
import { PlanPool } from "./plan-pool.tsx"
import classes from "./run.module.css"

const MANY = 4

/** What a run would do on each chosen appliance. */
export function PlanTab() {
	const { workspace } = useApp()
	const plans = useWorkspace((now) => now.plans)
	const appliances = useDesktop((desktop) => desktop.state?.appliances) ?? []
	const planned = appliances.filter((one) => plans[one.id])
	const [chosen, setChosen] = useState<string>()
	const shown = planned.find((one) => one.id === chosen) ?? planned[0]
	if (!shown) {
		return (
			<div className={classes.noPlan}>
				<Text size="sm">A plan asks each chosen appliance what a run would do there, and changes nothing.</Text>
				<Text size="xs" c="dimmed">
					Choose appliances on the right, then Plan.
				</Text>
			</div>
		)
	}
	const data = planned.map((one) => ({ value: one.id, label: one.name }))
	return (
		<div className={classes.plan}>
			{planned.length > MANY ? (
				<Select
					data={data}
					value={shown.id}
					onChange={(id) => id && setChosen(id)}
					aria-label="Plan for"
					allowDeselect={false}
					searchable
				/>
			) : (
				planned.length > 1 && (
					<SegmentedControl fullWidth data={data} value={shown.id} onChange={setChosen} aria-label="Plan for" />
				)
			)}
			<OnePlan state={plans[shown.id]} name={shown.name} onRetry={() => void workspace.plan()} />
		</div>
	)
}

function OnePlan({ state, name, onRetry }: { state: PlanState | undefined; name: string; onRetry(): void }) {
	if (!state || state.state === "planning") {
		return (
			<div className={classes.planning} role="status">
				<Loader size="xs" /> Asking {name} …
			</div>
		)
	}
	if (state.state === "failed") return <ProblemNote error={state.error} onRetry={onRetry} />
	return <PlanDetail plan={state.plan} name={name} onRetry={onRetry} />
}

function PlanDetail({ plan, name, onRetry }: { plan: Plan; name: string; onRetry(): void }) {
	const short = plan.space.freeBytes < plan.space.neededBytes
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
				<Button variant="subtle" size="compact-xs" onClick={onRetry} ml="auto">
					Plan again
				</Button>
			</div>
			{plan.refusal !== undefined && (
				<Note tone="bad" title="A run would be refused.">
					{sentence(plan.refusal)}
				</Note>
			)}
			{short && (
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

/** The module's own findings stand beside its index. */
function isOfAppliance({ rule }: Finding): boolean {
	return rule === "command-missing" || rule === "unit-missing"
}

function versionWords({ installedVersion, module }: Plan): string {
	if (installedVersion === undefined) return `gets ${module.version}; none was there before`
	if (installedVersion === module.version) return `has ${module.version} already`
	return `goes from ${installedVersion} to ${module.version}`
}

/** "2 new files, 3 replaced, 1 unchanged". */
export function changeWords(plan: Plan): string {
	const operations = plan.pools.filter((pool) => pool.would !== "skip").flatMap((pool) => pool.operations)
	const number = (change: string) => operations.filter((one) => one.change === change).length
	const parts = [
		number("create") > 0 && count(number("create"), "new file"),
		number("replace") > 0 && `${number("replace")} replaced`,
		number("mode-only") > 0 && `${number("mode-only")} only other permissions`,
		number("restore-original") > 0 && `${number("restore-original")} back to the original`,
		number("remove") > 0 && `${number("remove")} removed`,
		number("unchanged") > 0 && `${number("unchanged")} unchanged`,
		number("blocked") > 0 && `${number("blocked")} blocked`,
	].filter((part) => part !== false)
	return parts.join(", ") || "nothing to do"
}
