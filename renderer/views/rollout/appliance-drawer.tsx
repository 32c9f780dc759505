import { Button, Drawer, Group, Loader, Stack } from "@mantine/core"
import type { RolloutTarget } from "../../../core/schema/rollout.ts"
import { isSkippable, standingWord } from "../../../core/schema/rollout-words.ts"
import { Note } from "../../components/note.tsx"
import { ProblemNote } from "../../components/problem.tsx"
import { hashOf } from "../../stores/route.ts"
import { useRun } from "../history/use-run.ts"
import { RunDetail } from "../live/run-detail.tsx"
import { OfferButton } from "./offer-button.tsx"
import classes from "./rollout.module.css"
import { StandingTag } from "./standing-look.tsx"
import { skipOf } from "./wishes.ts"

/** One appliance of a rollout: how it stands, why, and its run, live or as it was. */
export function ApplianceDrawer(props: { rollout: string; target: RolloutTarget | undefined; onClose(): void }) {
	const { rollout, target, onClose } = props
	return (
		<Drawer
			opened={target !== undefined}
			onClose={onClose}
			size="min(860px, 92vw)"
			title={target && `${target.name}, wave ${target.wave + 1}`}
		>
			{target && <Details key={target.applianceId} rollout={rollout} target={target} />}
		</Drawer>
	)
}

function Details({ rollout, target }: { rollout: string; target: RolloutTarget }) {
	const { standing, applied } = target
	const run = runOf(target)
	return (
		<Stack gap="md">
			<Group gap="sm">
				<StandingTag word={standingWord(target)} />
				{target.jump !== undefined && <span className={classes.soft}>through {target.jump}</span>}
				<span className={classes.push} />
				{isSkippable(target) && <OfferButton id={rollout} offer={skipOf([target])} isSmall />}
				{run !== undefined && (
					<Button component="a" size="compact-xs" variant="default" href={hashOf({ view: "record", run })}>
						Open the record
					</Button>
				)}
			</Group>
			{"failure" in standing && standing.failure && <ProblemNote tone="warn" failure={standing.failure} />}
			{applied.map(({ pool, undo }) => undo && <UndoNote key={pool} pool={pool} undo={undo} />)}
			{run === undefined ? (
				<p className={classes.soft}>Nothing has been run there by this rollout yet.</p>
			) : (
				<Run key={run} id={run} />
			)}
		</Stack>
	)
}

const undoWords = {
	started: "is being put back",
	pending: "waits to be put back: not reached now",
	lost: "was being put back when the connection was lost",
	undone: "was put back",
	failed: "could not be put back",
}

function UndoNote({ pool, undo }: { pool: string; undo: NonNullable<RolloutTarget["applied"][number]["undo"]> }) {
	const tone = undo.state === "failed" ? "bad" : undo.state === "undone" ? "good" : "live"
	return (
		<>
			<Note tone={tone} title={`${pool} ${undoWords[undo.state]}.`} />
			{"failure" in undo && undo.failure && <ProblemNote tone="warn" failure={undo.failure} />}
		</>
	)
}

/** The newest thing that was asked of it: putting back, or applying. */
function runOf({ standing, applied }: RolloutTarget): string | undefined {
	const undo = applied.findLast((one) => one.undo && "run" in one.undo)?.undo
	if (undo && "run" in undo && undo.run !== undefined) return undo.run
	return "run" in standing ? standing.run : undefined
}

function Run({ id }: { id: string }) {
	const { run, error, retry } = useRun(id)
	if (error !== undefined) return <ProblemNote error={error} onRetry={retry} />
	return run ? <RunDetail run={run} /> : <Loader size="sm" />
}
