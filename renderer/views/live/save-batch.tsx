import type { DesktopRun } from "../../../core/schema/desktop.ts"
import { SaveMenu } from "../../components/save-menu.tsx"
import { saveBatchEvents, saveBatchReport } from "../../report/save-report.ts"
import { useApp } from "../../stores/context.ts"
import { isEnded } from "../../stores/desktop.ts"

/** Runs that were started together as one file, once all have ended. */
export function SaveBatch({ runs }: { runs: DesktopRun[] }) {
	const { api } = useApp()
	return (
		<SaveMenu
			label="Save report"
			saving={(read) => `Cancel saving, ${read} of ${runs.length} read`}
			obstacle={runs.every(isEnded) ? undefined : "Once every run has ended"}
			onReport={(options) => saveBatchReport(api, runs, options)}
			onEvents={(options) => saveBatchEvents(api, runs, options)}
		/>
	)
}
