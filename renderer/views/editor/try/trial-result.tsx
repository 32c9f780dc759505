import { Anchor } from "@mantine/core"
import { IconAlertTriangle, IconCheck, IconQuestionMark } from "@tabler/icons-react"
import { type ReactNode, useEffect } from "react"
import type { DesktopRun } from "../../../../core/schema/desktop.ts"
import { outcomeSentence } from "../../../../core/schema/outcome-sentences.ts"
import type { Plan } from "../../../../core/schema/plan.ts"
import { Note } from "../../../components/note.tsx"
import { RunTag, Spinner, Tag, type Tone } from "../../../components/outcome.tsx"
import { ProblemNote } from "../../../components/problem.tsx"
import { sentence } from "../../../components/words.ts"
import { useApp, useDesktop, useFollowedRun } from "../../../stores/context.ts"
import { hashOf } from "../../../stores/route.ts"
import { emptyRun } from "../../../stores/run-view.ts"
import type { Trial } from "../../../stores/trials.ts"
import { ReasonBlock } from "../../live/reason-block.tsx"
import { PlanPool } from "../../run/plan-pool.tsx"
import own from "./try.module.css"
import { judge, type Rehearsal, tests, type Verdict, type VerdictState } from "./verdicts.ts"

/** What trying a pool told. */
export function TrialResult({ trial, pool }: { trial: Trial; pool: string }) {
	const name = useDesktop(({ state }) => state?.appliances.find(({ id }) => id === trial.applianceId)?.name)
	return (
		<section className={own.result} aria-label="Result">
			<div className={own.head}>
				<span>{headOf[trial.kind]}</span> <b>{name ?? "an appliance that was removed"}</b>
				{trial.isGoing && <Spinner />}
				<Links runs={trial.runs} />
			</div>
			{trial.error !== undefined && <ProblemNote error={trial.error} />}
			{trial.plan && <Planned plan={trial.plan} />}
			{trial.kind === "prove" && trial.error === undefined && <Proof trial={trial} pool={pool} />}
			{(trial.kind === "rehearse" || trial.kind === "apply") && <OneRun id={trial.runs[0]} pool={pool} />}
		</section>
	)
}

const headOf = { plan: "Planned for", rehearse: "Rehearsed on", prove: "Tested on", apply: "Applied on" }

function Links({ runs }: { runs: readonly string[] }) {
	const all = useDesktop(({ state }) => state?.runs)
	return (
		<span className={own.links}>
			{runs.map((id, index) => {
				const batch = all?.find((run) => run.id === id)?.batch
				if (batch === undefined) return null
				const words = runs.length > 1 ? `Rehearsal ${index + 1}` : "The whole run"
				return (
					<Anchor key={id} size="xs" href={hashOf({ view: "live", batch, run: id })}>
						{words}
					</Anchor>
				)
			})}
		</span>
	)
}

function Planned({ plan }: { plan: Plan }) {
	return (
		<>
			{plan.refusal !== undefined && (
				<Note tone="bad" title="A run would be refused.">
					{sentence(plan.refusal)}
				</Note>
			)}
			{plan.pools
				.filter(({ would }) => would !== "skip")
				.map((one) => (
					<PlanPool key={one.pool} pool={one} />
				))}
		</>
	)
}

function useRehearsal(id: string | undefined): Rehearsal | undefined {
	const { runViews } = useApp()
	useEffect(() => (id === undefined ? undefined : runViews.follow(id)), [runViews, id])
	const view = useFollowedRun(id ?? "")?.view
	const run = useDesktop(({ state }) => state?.runs.find((one) => one.id === id))
	return run && { view: view ?? emptyRun, run }
}

function Proof({ trial, pool }: { trial: Trial; pool: string }) {
	const plain = useRehearsal(trial.runs[0])
	const modified = useRehearsal(trial.runs[1])
	const waiting = (one: Rehearsal | undefined) => one ?? (trial.isGoing ? notYet(plain) : undefined)
	const verdicts = judge(pool, waiting(plain), waiting(modified))
	const passed = verdicts.filter(({ state }) => state === "passed").length
	return (
		<>
			<p className={own.sum} role="status">
				{trial.isGoing ? "Being proved" : `${passed} of ${verdicts.length} tests passed`}
			</p>
			<ol className={own.verdicts} aria-label="Tests">
				{verdicts.map((verdict) => (
					<VerdictRow key={verdict.test} verdict={verdict} />
				))}
			</ol>
		</>
	)
}

/** A rehearsal that will come, of the same module. */
function notYet(plain: Rehearsal | undefined): Rehearsal {
	const module = plain?.run.module ?? { name: "", version: "", digest: "" }
	return { view: emptyRun, run: { state: "connecting", module } }
}

const looks: Record<VerdictState, { tone: Tone; word: string; icon: ReactNode }> = {
	passed: { tone: "good", word: "Passed", icon: <IconCheck size={14} stroke={2.4} /> },
	failed: { tone: "bad", word: "Failed", icon: <IconAlertTriangle size={14} /> },
	"not-proved": { tone: "warn", word: "Not proved", icon: <IconQuestionMark size={14} /> },
	going: { tone: "live", word: "Waiting", icon: <Spinner /> },
}

function VerdictRow({ verdict: { test, state, words, reason } }: { verdict: Verdict }) {
	const look = looks[state]
	return (
		<li className={own.verdict} data-state={state}>
			<span className={own.verdictHead}>
				<Tag tone={look.tone} icon={look.icon}>
					{look.word}
				</Tag>
				<b>{tests[test]}</b>
			</span>
			{state !== "going" && <span className={own.words}>{words}</span>}
			{reason && <ReasonBlock reason={reason} />}
		</li>
	)
}

function OneRun({ id, pool }: { id: string | undefined; pool: string }) {
	const run = useDesktop(({ state }) => state?.runs.find((one) => one.id === id))
	if (!run) return null
	return (
		<div className={own.verdict} role="status">
			<span className={own.verdictHead}>
				<RunTag run={run} />
			</span>
			<OnePool run={run} pool={pool} />
		</div>
	)
}

function OnePool({ run, pool }: { run: DesktopRun; pool: string }) {
	const result = run.pools.find((one) => one.pool === pool)
	if (run.failure) return <ProblemNote failure={run.failure} tone="warn" />
	if (!result?.outcome) return null
	return (
		<>
			<span className={own.words}>{outcomeSentence(result.outcome, result.reason, run.kind)}</span>
			{result.reason && <ReasonBlock reason={result.reason} />}
		</>
	)
}
