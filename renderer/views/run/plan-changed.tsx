import { Button } from "@mantine/core"
import type { DesktopRun } from "../../../core/schema/desktop.ts"
import type { Failure } from "../../../core/schema/failure.ts"
import { plainText } from "../../../core/schema/plain-text.ts"
import { count } from "../../components/format.ts"
import { Note } from "../../components/note.tsx"
import { sentence } from "../../components/words.ts"
import { problemOfFailure } from "../../rpc/problem.ts"
import { useApp, useDesktop } from "../../stores/context.ts"
import { goTo } from "../../stores/route.ts"
import review from "./review.module.css"

/** A run that was not started because the plan is another one by now: what changed, and the way to the new plan. */
export function PlanChanged({ run, failure }: { run: DesktopRun; failure: Failure }) {
	const { workspace } = useApp()
	const runs = useDesktop((desktop) => desktop.state?.runs) ?? []
	const alike = runs.filter(({ batch, failure }) => batch === run.batch && failure?.code === "plan-changed")
	const { folder } = run.module
	const changes = changesOf(failure)
	const { what, next } = problemOfFailure(changes.length > 0 ? { ...failure, data: {} } : failure)
	const look = (wanted: { folder: string; runs: DesktopRun[] }) => {
		void workspace.lookAgain({
			batch: run.batch,
			folder: wanted.folder,
			pools: run.pools.map(({ pool }) => pool),
			changed: Object.fromEntries(wanted.runs.map((one) => [one.applianceId, changesOf(one.failure)])),
		})
		goTo({ view: "run" })
	}
	return (
		<Note
			tone="warn"
			title={what}
			alert
			actions={
				folder !== undefined && (
					<Button size="compact-xs" onClick={() => look({ folder, runs: alike.length > 0 ? alike : [run] })}>
						{alike.length > 1 ? `Look at the new plan of ${count(alike.length, "appliance")}` : "Look at the new plan"}
					</Button>
				)
			}
		>
			{changes.length > 0 && (
				<ul className={review.list}>
					{changes.map((change) => (
						<li key={change}>{sentence(change)}</li>
					))}
				</ul>
			)}
			Nothing was touched. {next}
		</Note>
	)
}

/** What changed, one by one; the words come from an appliance's own paths. */
function changesOf(failure: Failure | undefined): string[] {
	const changes = failure?.data.changes
	return Array.isArray(changes) ? changes.map((change) => plainText(change)) : []
}
