import { Button, Progress } from "@mantine/core"
import { IconEye, IconPlayerStop } from "@tabler/icons-react"
import { MAX_PREPARED } from "../../../../core/schema/rollout-prepare.ts"
import { count } from "../../../components/format.ts"
import { Note } from "../../../components/note.tsx"
import { Panel } from "../../../components/panel.tsx"
import { ProblemNote } from "../../../components/problem.tsx"
import { CanaryPanel } from "./canary-panel.tsx"
import { FindingsPanel } from "./findings-panel.tsx"
import classes from "./prepare.module.css"
import type { lookOf, PrepareChoice, PreparingState, usePreparing } from "./use-preparing.ts"
import { VariantsPanel } from "./variants-panel.tsx"

interface Props {
	choice: PrepareChoice
	preparing: ReturnType<typeof usePreparing>
	look: ReturnType<typeof lookOf>
	/** Somebody wants these to go first. */
	onCanary(applianceIds: string[]): void
}

/** Before the first change: who can be reached, what stands there, who should go first. Nothing is changed by looking. */
export function Prepare({ choice, preparing: { now, start, stop }, look, onCanary }: Props) {
	const { applianceIds, folder } = choice
	const isGoing = now?.state === "going"
	return (
		<div className={classes.prepare}>
			<Panel
				title="Before the first change"
				note="Nothing is changed by looking"
				label="Before the first change"
				actions={
					isGoing ? (
						<Button
							size="compact-sm"
							variant="default"
							leftSection={<IconPlayerStop size={14} aria-hidden />}
							onClick={stop}
						>
							Stop
						</Button>
					) : (
						<Button
							size="compact-sm"
							variant={now ? "default" : "filled"}
							leftSection={<IconEye size={14} aria-hidden />}
							disabled={applianceIds.length === 0 || applianceIds.length > MAX_PREPARED}
							onClick={() => void start(choice)}
						>
							{now ? "Look again" : `Look at ${count(applianceIds.length, "appliance")}`}
						</Button>
					)
				}
			>
				{applianceIds.length > MAX_PREPARED && (
					<p className={classes.calm}>
						At most {MAX_PREPARED} can be looked at in one go: choose fewer, or use the command line.
					</p>
				)}
				<Standing now={now} look={look} />
			</Panel>
			{now?.whole && (
				<>
					<FindingsPanel whole={now.whole} />
					<VariantsPanel whole={now.whole} folder={folder} />
					<CanaryPanel whole={now.whole} isCurrent={look === "current" && !isGoing} onCanary={onCanary} />
				</>
			)}
		</div>
	)
}

function Standing({ now, look }: { now: PreparingState | undefined; look: Props["look"] }) {
	if (!now)
		return (
			<p className={classes.calm}>
				Reaches each of them once, asks about all unknown host keys in one table, and says who is not ready, whose files
				differ, and which few of them stand for all.
			</p>
		)
	const { state, done, total, keys, error } = now
	return (
		<div className={classes.standing}>
			<Progress value={total === 0 ? 0 : (100 * done) / total} size="sm" aria-label="Looked at" />
			<p role="status" aria-label="Looking">
				{state === "stopped" && "Stopped: "}
				{done} of {count(total, "appliance")} looked at
				{keys > 0 && `; ${count(keys, "host key")} to be judged first`}
			</p>
			{error !== undefined && <ProblemNote error={error} />}
			{look === "other-choice" && (
				<Note tone="warn" title="Something else is chosen by now">
					Look again: what is below is about the choice before.
				</Note>
			)}
			{look === "other-content" && (
				<Note tone="warn" title="The module has changed since it was looked at">
					Look again: what is below is about the module as it was.
				</Note>
			)}
		</div>
	)
}
