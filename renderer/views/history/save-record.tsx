import type { DesktopRun } from "../../../core/schema/desktop.ts"
import { SaveMenu } from "../../components/save-menu.tsx"
import { saveEvents, saveReport } from "../../report/save-report.ts"
import { useApp } from "../../stores/context.ts"
import { isEnded } from "../../stores/desktop.ts"

/** A run's record as a file, for a customer's ticket or for programs. */
export function SaveRecord({ run }: { run: DesktopRun }) {
	const { api } = useApp()
	return (
		<SaveMenu
			label="Save"
			saving={() => "Cancel saving"}
			// A run that goes on has no end that could be waited for here.
			obstacle={isEnded(run) ? undefined : "Once the run has ended"}
			onReport={({ signal }) => saveReport(api, run, signal)}
			onEvents={({ signal }) => saveEvents(api, run, signal)}
		/>
	)
}
