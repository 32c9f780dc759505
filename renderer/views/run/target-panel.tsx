import { Button, Checkbox, Text, Tooltip } from "@mantine/core"
import { IconListCheck, IconPlayerPlay, IconStack2 } from "@tabler/icons-react"
import { useMemo, useState } from "react"
import type { ApplianceState } from "../../../core/schema/desktop.ts"
import { count } from "../../components/format.ts"
import { Panel } from "../../components/panel.tsx"
import { ProblemNote } from "../../components/problem.tsx"
import { SearchField } from "../../components/search-field.tsx"
import { Ago } from "../../components/time.tsx"
import { useApp, useDesktop, useWorkspace } from "../../stores/context.ts"
import { choiceOfRun } from "../../stores/rollout-draft.ts"
import { goTo, hashOf } from "../../stores/route.ts"
import { obstacleOf, type ReviewState, reviewStateOf } from "../../stores/workspace.ts"
import { useKeys } from "../shell/shortcuts.tsx"
import review from "./review.module.css"
import classes from "./run.module.css"

/** From so many appliances on they can be filtered. */
const MANY = 8
const none: ApplianceState[] = []

/** Where the module goes: appliances, options, plan, start. */
export function TargetPanel({ onPlanned }: { onPlanned(): void }) {
	const { workspace, rolloutDraft } = useApp()
	const appliances = useDesktop((desktop) => desktop.state?.appliances) ?? none
	const now = useWorkspace((state) => state)
	const ids = now.applianceIds.filter((id) => appliances.some((one) => one.id === id))
	const obstacle = obstacleOf({ ...now, applianceIds: ids })
	const state = reviewStateOf(now.plans, ids)
	const { shown, filter } = useFilter(appliances)

	const plan = (which: "all" | "missing") => {
		if (obstacle || state === "asked") return
		onPlanned()
		void workspace.plan(which)
	}
	const start = async () => {
		const batch = await workspace.start()
		if (batch !== undefined) goTo({ view: "live", batch })
	}
	useKeys({ p: () => plan("all") })

	return (
		<aside className={classes.aside} aria-label="Where to run">
			<Panel
				title="Run on"
				note={ids.length > 0 ? `${ids.length} of ${appliances.length}` : undefined}
				actions={<AllOrNone appliances={shown} ids={ids} />}
			>
				{appliances.length === 0 ? (
					<p className={classes.targetNote}>
						No appliances yet. <a href={hashOf({ view: "appliances" })}>Add one</a> first.
					</p>
				) : (
					<>
						{filter}
						<ul className={classes.targets} aria-label="Appliances">
							{shown.map((appliance) => (
								<Target key={appliance.id} appliance={appliance} checked={ids.includes(appliance.id)} ids={ids} />
							))}
						</ul>
					</>
				)}
				<div className={classes.options}>
					<Checkbox
						label="Apply again what stands applied"
						checked={now.force}
						onChange={(event) => workspace.choose({ force: event.currentTarget.checked })}
					/>
					<Checkbox
						label="Allow a lower version than installed"
						checked={now.allowDowngrade}
						onChange={(event) => workspace.choose({ allowDowngrade: event.currentTarget.checked })}
					/>
				</div>
				<div className={classes.go}>
					{now.startError !== undefined && <ProblemNote error={now.startError} />}
					<Text size="xs" c="dimmed" role="status">
						{obstacle ?? statusWords(state, now.pools.length, ids.length)}
					</Text>
					<GoButton
						state={state}
						words={runWords(
							ids.length,
							ids.some((id) => now.changed[id]),
						)}
						isBlocked={obstacle !== undefined}
						isStarting={now.starting}
						onReview={() => plan("missing")}
						onStart={() => void start()}
					/>
					<Button
						variant="subtle"
						size="compact-xs"
						leftSection={<IconStack2 size={14} />}
						disabled={now.opened?.module === undefined}
						onClick={() => {
							rolloutDraft.clear()
							rolloutDraft.change(choiceOfRun(now, ids))
							goTo({ view: "new-rollout" })
						}}
					>
						Roll out to many …
					</Button>
				</div>
			</Panel>
		</aside>
	)
}

/** One way: what a run would do is looked at, then it is started. */
function GoButton(props: {
	state: ReviewState
	words: string
	isBlocked: boolean
	isStarting: boolean
	onReview: () => void
	onStart: () => void
}) {
	const { state, words, isBlocked, isStarting, onReview, onStart } = props
	const isReady = state === "ready" && !isBlocked
	return (
		<Tooltip label={isReady ? "Starts what you looked at" : "See what would happen; nothing is changed (p)"}>
			<Button
				data-tour={isReady ? "run" : "plan"}
				leftSection={isReady ? <IconPlayerPlay size={15} /> : <IconListCheck size={15} />}
				disabled={isBlocked}
				loading={isStarting || state === "asked"}
				onClick={isReady ? onStart : onReview}
			>
				{isReady ? words : "Review"}
			</Button>
		</Tooltip>
	)
}

function runWords(appliances: number, isAgain: boolean): string {
	if (isAgain) return appliances > 1 ? `Start with the new plan on ${appliances}` : "Start with the new plan"
	return appliances > 1 ? `Run on ${appliances} appliances` : "Run"
}

function statusWords(state: ReviewState, pools: number, appliances: number): string {
	const what = `${count(pools, "pool")} on ${count(appliances, "appliance")}.`
	if (state === "asked") return `${what} Asking what a run would do …`
	return state === "ready" ? `${what} Reviewed: what you see is what is run.` : `${what} See what would happen first.`
}

/** Those whose name or address holds what is typed; everything while there are few. */
function useFilter(appliances: ApplianceState[]) {
	const [wanted, setWanted] = useState("")
	const text = appliances.length > MANY ? wanted.trim().toLowerCase() : ""
	const shown = useMemo(
		() => appliances.filter(({ name, host, tags }) => [name, host, ...tags].join("\n").toLowerCase().includes(text)),
		[appliances, text],
	)
	const filter = appliances.length > MANY && (
		<SearchField
			className={review.filter}
			label="Filter the appliances"
			placeholder="Filter"
			value={wanted}
			onSearch={setWanted}
		/>
	)
	return { shown, filter }
}

function AllOrNone({ appliances, ids }: { appliances: ApplianceState[]; ids: string[] }) {
	const { workspace } = useApp()
	if (appliances.length < 2) return null
	const shown = appliances.map((one) => one.id)
	const all = shown.every((id) => ids.includes(id))
	const others = ids.filter((id) => !shown.includes(id))
	return (
		<Button
			variant="subtle"
			size="compact-xs"
			onClick={() => workspace.choose({ applianceIds: all ? others : [...others, ...shown] })}
		>
			{all ? "None" : "All"}
		</Button>
	)
}

function Target({ appliance, checked, ids }: { appliance: ApplianceState; checked: boolean; ids: string[] }) {
	const { workspace } = useApp()
	const toggle = (wanted: boolean) =>
		workspace.choose({
			applianceIds: wanted ? [...ids, appliance.id] : ids.filter((id) => id !== appliance.id),
		})
	return (
		<li>
			<Checkbox
				checked={checked}
				onChange={(event) => toggle(event.currentTarget.checked)}
				label={appliance.name}
				description={<Standing appliance={appliance} />}
			/>
		</li>
	)
}

function Standing({ appliance }: { appliance: ApplianceState }) {
	const address = `${appliance.user}@${appliance.host}`
	if (appliance.lastFailure) return `${address} · not reached last time`
	if (appliance.lastSeen === undefined) return `${address} · never seen`
	return (
		<>
			{address} · seen <Ago time={appliance.lastSeen} />
		</>
	)
}
