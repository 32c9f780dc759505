import { SaveMenu } from "../../components/save-menu.tsx"
import { saveRolloutLines, saveRolloutReport } from "../../report/save-report.ts"
import type { RolloutView, RunResults } from "../../stores/rollout-view.ts"

/** The rollout as it stands now as one file, for a ticket. */
export function SaveRollout({ view: { head, targets }, results }: { view: RolloutView; results: RunResults }) {
	return (
		<SaveMenu
			label="Save report"
			saving={() => "Cancel saving"}
			obstacle={undefined}
			onReport={() => saveRolloutReport({ head, targets, results })}
			onEvents={() => saveRolloutLines({ head, targets, results })}
		/>
	)
}
