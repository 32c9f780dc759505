import { Button, Checkbox, Text, Tooltip } from "@mantine/core"
import { IconListCheck, IconPlayerPlay } from "@tabler/icons-react"
import type { ApplianceState } from "../../../core/schema/desktop.ts"
import { count } from "../../components/format.ts"
import { Panel } from "../../components/panel.tsx"
import { ProblemNote } from "../../components/problem.tsx"
import { Ago } from "../../components/time.tsx"
import { useApp, useDesktop, useWorkspace } from "../../stores/context.ts"
import { goTo, hashOf } from "../../stores/route.ts"
import { obstacleOf } from "../../stores/workspace.ts"
import { useKeys } from "../shell/shortcuts.tsx"
import classes from "./run.module.css"

/** Where the module goes: appliances, options, plan, start. */
export function TargetPanel({ onPlanned }: { onPlanned(): void }) {
	const { workspace } = useApp()
	const appliances = useDesktop((desktop) => desktop.state?.appliances) ?? []
	const now = useWorkspace((state) => state)
	const ids = now.applianceIds.filter((id) => appliances.some((one) => one.id === id))
	const obstacle = obstacleOf({ ...now, applianceIds: ids })
	const planning = Object.values(now.plans).some((one) => one.state === "planning")

	const plan = () => {
		if (obstacle || planning) return
		onPlanned()
		void workspace.plan()
	}
	const start = async () => {
		const batch = await workspace.start()
		if (batch !== undefined) goTo({ view: "live", batch })
	}
	useKeys({ p: plan })

	return (
		<aside className={classes.aside} aria-label="Where to run">
			<Panel
				title="Run on"
				note={ids.length > 0 ? `${ids.length} of ${appliances.length}` : undefined}
				actions={<AllOrNone appliances={appliances} ids={ids} />}
			>
				{appliances.length === 0 ? (
					<p className={classes.targetNote}>
						No appliances yet. <a href={hashOf({ view: "appliances" })}>Add one</a> first.
					</p>
				) : (
					<ul className={classes.targets} aria-label="Appliances">
						{appliances.map((appliance) => (
							<Target key={appliance.id} appliance={appliance} checked={ids.includes(appliance.id)} ids={ids} />
						))}
					</ul>
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
						{obstacle ?? `${count(now.pools.length, "pool")} on ${count(ids.length, "appliance")}.`}
					</Text>
					<div className={classes.goButtons}>
						<Tooltip label="See what would happen; nothing is changed (p)">
							<Button
								variant="default"
								data-tour="plan"
								leftSection={<IconListCheck size={15} />}
								disabled={obstacle !== undefined}
								loading={planning}
								onClick={plan}
							>
								Plan
							</Button>
						</Tooltip>
						<Button
							flex={1}
							data-tour="run"
							leftSection={<IconPlayerPlay size={15} />}
							disabled={obstacle !== undefined}
							loading={now.starting}
							onClick={() => void start()}
						>
							{ids.length > 1 ? `Run on ${ids.length} appliances` : "Run"}
						</Button>
					</div>
				</div>
			</Panel>
		</aside>
	)
}

function AllOrNone({ appliances, ids }: { appliances: ApplianceState[]; ids: string[] }) {
	const { workspace } = useApp()
	if (appliances.length < 2) return null
	const all = ids.length === appliances.length
	return (
		<Button
			variant="subtle"
			size="compact-xs"
			onClick={() => workspace.choose({ applianceIds: all ? [] : appliances.map((one) => one.id) })}
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
