import { Button, UnstyledButton } from "@mantine/core"
import { IconChevronRight } from "@tabler/icons-react"
import { useState } from "react"
import type { PoolResult } from "../../../core/schema/desktop.ts"
import type { FailureCause } from "../../../core/schema/failure-cause.ts"
import { count } from "../../components/format.ts"
import { OutcomeTag } from "../../components/outcome.tsx"
import { Ago } from "../../components/time.tsx"
import { hashOf } from "../../stores/route.ts"
import classes from "./causes.module.css"

/** The rest is a click away: the results below matter too. */
const SHOWN = 5

/** Why pools failed: failures that differ in nothing but paths, numbers and addresses are one cause. */
export function Causes({ causes, failures }: { causes: FailureCause[]; failures: number }) {
	const [all, setAll] = useState(false)
	const shown = all ? causes : causes.slice(0, SHOWN)
	return (
		<section aria-label="Causes" className={classes.causes}>
			<h2 className={classes.title}>
				{count(failures, "failure")}, {count(causes.length, "cause")}
			</h2>
			<ul className={classes.list}>
				{shown.map((one) => (
					<Cause key={one.cause} cause={one} most={causes[0]?.count ?? 1} />
				))}
			</ul>
			{shown.length < causes.length && (
				<Button variant="subtle" size="compact-xs" ml={8} mb={6} onClick={() => setAll(true)}>
					Show {count(causes.length - shown.length, "rarer cause")}
				</Button>
			)}
		</section>
	)
}

function Cause({ cause: { cause, count: times, appliances, examples }, most }: { cause: FailureCause; most: number }) {
	const [open, setOpen] = useState(false)
	return (
		<li>
			<UnstyledButton className={classes.row} aria-expanded={open} onClick={() => setOpen(!open)}>
				<IconChevronRight size={14} className={classes.chevron} aria-hidden />
				<span className={classes.count}>{times}×</span>
				<span className={classes.bar} aria-hidden>
					<span style={{ width: `${(times / most) * 100}%` }} />
				</span>
				<span className={classes.cause}>{cause}</span>
				<span className={classes.where}>{count(appliances, "appliance")}</span>
			</UnstyledButton>
			{open && <Examples examples={examples} times={times} />}
		</li>
	)
}

function Examples({ examples, times }: { examples: PoolResult[]; times: number }) {
	return (
		<ul className={classes.examples}>
			{examples.map((result) => (
				<li key={`${result.runId} ${result.pool}`}>
					<OutcomeTag outcome={result.outcome} reason={result.reason} kind={result.kind} />
					<a href={hashOf({ view: "record", run: result.runId, pool: result.pool })}>
						{result.pool} on {result.applianceName}
					</a>
					<span className={classes.where}>
						<Ago time={result.finishedAt} />
					</span>
				</li>
			))}
			{times > examples.length && (
				<li className={classes.where}>
					The newest {examples.length} of {times}.
				</li>
			)}
		</ul>
	)
}
