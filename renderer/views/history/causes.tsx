import { Button } from "@mantine/core"
import { useState } from "react"
import type { PoolResult } from "../../../core/schema/desktop.ts"
import { type FailureCause, failureWords } from "../../../core/schema/failure-cause.ts"
import { CauseRow } from "../../components/cause-row.tsx"
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
				{failureWords(failures)}, {count(causes.length, "cause")}
			</h2>
			<ul className={classes.list}>
				{shown.map((one) => (
					<CauseRow
						key={one.cause}
						cause={one.cause}
						times={one.count}
						share={one.count / (causes[0]?.count ?? 1)}
						note={count(one.appliances, "appliance")}
					>
						<Examples examples={one.examples} times={one.count} />
					</CauseRow>
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
