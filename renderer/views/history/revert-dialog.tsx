import { Button, Checkbox, Group, Loader, Modal, Stack, Text } from "@mantine/core"
import { useEffect, useState } from "react"
import type { DesktopRun } from "../../../core/schema/desktop.ts"
import { ProblemNote } from "../../components/problem.tsx"
import { useApp, useDesktop } from "../../stores/context.ts"
import { goTo } from "../../stores/route.ts"

/** A pool that is to be put back: to what stood before a run, or to the customer's original. */
export interface Revert {
	applianceId: string
	applianceName: string
	pool: string
	run?: string | undefined
	original: boolean
}

/** Asks before an appliance is changed, and once more before what somebody changed there since is overwritten. */
export function RevertDialog({ revert, onClose }: { revert: Revert; onClose(): void }) {
	const { pool, applianceName, original } = revert
	const { run, start, cancel, isAsked, isCancelling, error } = useRevert(revert)
	/** The refusal whose list of changes the yes was given to. */
	const [forced, setForced] = useState<string>()
	const isRefused = run?.state === "not-started"
	const isChanged = isRefused && run.failure?.code === "destination-changed"
	const isForced = run !== undefined && forced === run.id
	const isCancelled = isRefused && run.failure?.code === "cancelled"
	const isGoing = isAsked && !isRefused
	// Nobody would see any more what becomes of it.
	const leave = isGoing ? cancel : onClose
	return (
		<Modal opened onClose={leave} title={titleOf(revert)} size={520}>
			<Stack gap="md">
				<Text size="sm">
					{original
						? `Every file of ${pool} on ${applianceName} becomes as it was before the first run that ever replaced it.`
						: `Every file of ${pool} on ${applianceName} becomes as it was before this run.`}{" "}
					The pool's closure runs afterwards; where it fails, what stands now comes back.
				</Text>
				{error !== undefined && <ProblemNote error={error} />}
				{isRefused && run.failure && (
					<ProblemNote failure={run.failure} tone={isChanged || isCancelled ? "warn" : "bad"} />
				)}
				{isChanged && (
					<Checkbox
						label="These changes may be lost"
						checked={isForced}
						onChange={(event) => setForced(event.currentTarget.checked ? run.id : undefined)}
					/>
				)}
				<Group justify="flex-end" gap="sm">
					{isGoing && (
						<Text size="sm" c="dimmed" role="status">
							<Loader size={12} mr={6} aria-hidden /> Asking {applianceName} …
						</Text>
					)}
					<Button variant="default" data-autofocus loading={isCancelling} onClick={leave}>
						{isGoing ? "Cancel" : "Leave it"}
					</Button>
					{isChanged ? (
						<Button color="red.8" disabled={!isForced} onClick={() => void start(true)}>
							Overwrite and put back
						</Button>
					) : (
						<Button loading={isGoing} onClick={() => void start(false)}>
							{original ? "Restore the original" : "Put back"}
						</Button>
					)}
				</Group>
			</Stack>
		</Modal>
	)
}

function titleOf({ pool, applianceName, original }: Revert): string {
	return original ? `Restore the original of ${pool} on ${applianceName}?` : `Put ${pool} on ${applianceName} back?`
}

/** Once it has begun, the live view goes on; what refuses it is told here. */
function useRevert({ applianceId, pool, run: before, original }: Revert) {
	const { api } = useApp()
	const [id, setId] = useState<string>()
	/** From the click on until it is refused or has failed. */
	const [isAsked, setAsked] = useState(false)
	/** From the word on until it is refused or has begun; it waits for what it is to cancel. */
	const [isUnwanted, setUnwanted] = useState(false)
	const [error, setError] = useState<unknown>()
	const run = useDesktop((desktop) => desktop.state?.runs.find((one) => one.id === id))
	const start = async (force: boolean) => {
		setAsked(true)
		setUnwanted(false)
		setId(undefined)
		setError(undefined)
		try {
			const started = await api.runs.revert({
				applianceId,
				pool,
				original,
				force,
				...(before !== undefined && { run: before }),
			})
			setId(started.id)
		} catch (problem) {
			setAsked(false)
			setError(problem)
		}
	}
	useEffect(() => {
		if (run && hasBegun(run)) goTo({ view: "live", batch: run.batch, run: run.id })
	}, [run])
	useEffect(() => {
		if (!isUnwanted || id === undefined) return
		api.runs.cancel({ id }).catch((problem) => {
			setUnwanted(false)
			setError(problem)
		})
	}, [api, id, isUnwanted])
	const isCancelling = isUnwanted && isAsked && run?.state !== "not-started"
	return { run, start, cancel: () => setUnwanted(true), isAsked, isCancelling, error }
}

/** Or may have: nobody waits here for what is not known. */
function hasBegun({ state }: DesktopRun): boolean {
	return state === "running" || state === "finished" || state === "lost"
}
