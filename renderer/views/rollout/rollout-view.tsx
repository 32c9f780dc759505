import { Button, Loader } from "@mantine/core"
import { IconArrowLeft } from "@tabler/icons-react"
import { useEffect, useMemo } from "react"
import { nowWords } from "../../../core/schema/rollout-now.ts"
import {
	groupFailures,
	groupUndoFailures,
	groupUnended,
	groupUnreachable,
} from "../../../core/schema/rollout-reasons.ts"
import { countStandings, isSkippable } from "../../../core/schema/rollout-words.ts"
import { count } from "../../components/format.ts"
import { Note } from "../../components/note.tsx"
import { Panel, ViewHead } from "../../components/panel.tsx"
import { ProblemNote } from "../../components/problem.tsx"
import { Ago } from "../../components/time.tsx"
import { useApp, useFollowedRollout } from "../../stores/context.ts"
import type { RunResults, RolloutView as View } from "../../stores/rollout-view.ts"
import { goTo, hashOf } from "../../stores/route.ts"
import { ApplianceDrawer } from "./appliance-drawer.tsx"
import { Causes } from "./causes.tsx"
import { CoursePanel } from "./course-panel.tsx"
import { Limits } from "./limits.tsx"
import { OfferButton } from "./offer-button.tsx"
import { ProgressBar, Standings } from "./progress.tsx"
import classes from "./rollout.module.css"
import { SaveRollout } from "./save-rollout.tsx"
import { toneOf } from "./tone.ts"
import { WaveLanes } from "./wave-lanes.tsx"
import { offersOf, skipOf } from "./wishes.ts"
import { aboutWords, expectedMs } from "./words.ts"

/** One rollout: what goes on, what it waits for, every wave and appliance, and why something failed. */
export function RolloutView({ id, appliance }: { id: string; appliance: string | undefined }) {
	const { rolloutViews } = useApp()
	useEffect(() => rolloutViews.follow(id), [rolloutViews, id])
	const { view, results, error } = useFollowedRollout(id) ?? {}
	const target = view?.targets.find(({ applianceId }) => applianceId === appliance)
	return (
		<>
			<Head id={id} view={view} results={results} />
			{error !== undefined && <ProblemNote error={error} onRetry={() => rolloutViews.retry(id)} />}
			{!view && error === undefined && <Loader size="sm" />}
			{view && results && <Overview view={view} results={results} />}
			<ApplianceDrawer rollout={id} target={target} onClose={() => goTo({ view: "rollout", id })} />
		</>
	)
}

function Head({ id, view, results }: { id: string; view: View | undefined; results: RunResults | undefined }) {
	const module = view?.head.module
	return (
		<ViewHead
			title={
				view && module ? `${module.name} ${module.version} to ${count(view.targets.length, "appliance")}` : "Rollout"
			}
			note={
				view && (
					<>
						Begun <Ago time={view.head.createdAt} /> · {poolWords(view.head.pools)} · rollout{" "}
						<code>{id.slice(0, 8)}</code>
					</>
				)
			}
			actions={
				<>
					{view && offersOf(view).map((offer) => <OfferButton key={offer.label} id={id} offer={offer} />)}
					{view && results && <SaveRollout view={view} results={results} />}
					<Button
						component="a"
						href={hashOf({ view: "rollouts" })}
						variant="subtle"
						color="gray"
						leftSection={<IconArrowLeft size={14} />}
					>
						Rollouts
					</Button>
				</>
			}
		/>
	)
}

function poolWords(pools: readonly string[] | undefined): string {
	return pools ? `of its pools: ${pools.join(", ")}` : "all pools"
}

function Overview({ view, results }: { view: View; results: RunResults }) {
	const { head, targets } = view
	const counts = countStandings(targets)
	const failures = useMemo(() => groupFailures(targets, results), [targets, results])
	const undoFailures = useMemo(() => groupUndoFailures(targets), [targets])
	const unended = useMemo(() => groupUnended(targets), [targets])
	const unreachable = useMemo(() => groupUnreachable(targets), [targets])
	return (
		<div className={classes.overview}>
			<section className={classes.now} aria-label="Now">
				<Now view={view} />
				<ProgressBar counts={counts} label="All appliances" />
				<Standings counts={counts} />
			</section>
			<WaveLanes head={head} targets={targets} />
			<div className={classes.aside}>
				<Causes rollout={head.id} title="Could not be put back" groups={undoFailures} />
				<Causes rollout={head.id} title="Why it failed" groups={failures} />
				<Causes rollout={head.id} title="End unknown" groups={unended} />
				<Causes
					rollout={head.id}
					title="Not reached"
					groups={unreachable}
					actions={(members) => {
						const skippable = members.filter(isSkippable)
						return skippable.length > 0 && <OfferButton id={head.id} offer={skipOf(skippable)} isSmall />
					}}
				/>
				<CoursePanel view={view} results={results} />
				<Panel title="Limits" label="Limits">
					<Limits policy={head.policy} total={targets.length} />
				</Panel>
			</div>
		</div>
	)
}

function Now({ view }: { view: View }) {
	const { status } = view.head
	const expected = expectedMs(view)
	const isPersonsNext = view.head.policy.gate.kind === "person"
	const failure = "failure" in status ? status.failure : undefined
	return (
		<div role="status">
			<Note tone={toneOf(view)} title={nowWords(view)}>
				{expected !== undefined && `${isPersonsNext ? "This wave ends" : "It ends"} in ${aboutWords(expected)}.`}
			</Note>
			{failure && <ProblemNote failure={failure} />}
		</div>
	)
}
