import { Button } from "@mantine/core"
import { IconHistory, IconPlayerStop } from "@tabler/icons-react"
import { useState } from "react"
import type { DesktopRun } from "../../../core/schema/desktop.ts"
import { Empty } from "../../components/empty.tsx"
import { count } from "../../components/format.ts"
import { ViewHead } from "../../components/panel.tsx"
import { Ago } from "../../components/time.tsx"
import { useDesktop } from "../../stores/context.ts"
import { isEnded } from "../../stores/desktop.ts"
import { goTo, hashOf } from "../../stores/route.ts"
import { useKeys } from "../shell/shortcuts.tsx"
import { CancelDialog, wasCancelRequested } from "./cancel.tsx"
import classes from "./live.module.css"
import { Overview } from "./overview.tsx"
import { RunDetail } from "./run-detail.tsx"
import { SaveBatch } from "./save-batch.tsx"
import { useShallowRuns } from "./use-batch.ts"

/** Runs that were started together: an overview, and one of them in full. */
export function LiveView({ batch, selected }: { batch: string; selected: string | undefined }) {
	const runs = useShallowRuns(batch)
	const shown = runs.find((run) => run.id === selected) ?? runs[0]
	const step = (by: number) => {
		const next = runs[(runs.findIndex((run) => run.id === shown?.id) + by + runs.length) % runs.length]
		if (next) goTo({ view: "live", batch, run: next.id })
	}
	useKeys({ j: () => step(1), k: () => step(-1) })
	if (!shown) return <Gone />
	return (
		<>
			<BatchHead runs={runs} shown={shown} />
			{runs.length === 1 ? (
				<RunDetail key={shown.id} run={shown} />
			) : (
				<div className={classes.batch}>
					<Overview runs={runs} shown={shown.id} />
					<RunDetail key={shown.id} run={shown} withName />
				</div>
			)}
		</>
	)
}

function BatchHead({ runs, shown }: { runs: DesktopRun[]; shown: DesktopRun }) {
	const [cancelling, setCancelling] = useState(false)
	const open = runs.filter((run) => !isEnded(run))
	const requested = useDesktop(() => open.every((run) => wasCancelRequested(run.id)))
	const where = runs.length === 1 ? shown.applianceName : count(runs.length, "appliance")
	return (
		<>
			<ViewHead
				title={`${shown.module.name} ${shown.module.version} on ${where}`}
				note={
					<>
						{runs.every((run) => run.state === "not-started") ? "Tried" : "Started"} <Ago time={shown.startedAt} />
						{open.length > 0 && runs.length > 1 && `, ${open.length} still going on`}
					</>
				}
				actions={
					<>
						{runs.length > 1 && <SaveBatch runs={runs} />}
						{open.length > 0 && (
							<Button
								variant="default"
								leftSection={<IconPlayerStop size={14} />}
								disabled={requested}
								onClick={() => setCancelling(true)}
							>
								{requested ? "Cancelling" : open.length > 1 ? `Cancel ${open.length} runs` : "Cancel"}
							</Button>
						)}
						<Button component="a" href={hashOf({ view: "run" })} variant={open.length > 0 ? "default" : "filled"}>
							{open.length > 0 ? "Back to the module" : "Done"}
						</Button>
					</>
				}
			/>
			{cancelling && <CancelDialog runs={open} onClose={() => setCancelling(false)} />}
		</>
	)
}

function Gone() {
	return (
		<>
			<ViewHead title="Run" />
			<Empty
				icon={<IconHistory />}
				title="This run is not among the newest any more"
				actions={
					<Button component="a" href={hashOf({ view: "history" })}>
						Open history
					</Button>
				}
			>
				Its record is in the history.
			</Empty>
		</>
	)
}
