import { Button } from "@mantine/core"
import type { Preparation } from "../../../../core/schema/rollout-prepare.ts"
import { canaryWords, featureWords, reasonWords } from "../../../../core/schema/rollout-prepare-words.ts"
import { Note } from "../../../components/note.tsx"
import { Panel } from "../../../components/panel.tsx"
import { More } from "./more.tsx"
import classes from "./prepare.module.css"

interface Props {
	whole: Preparation
	/** Whether it is about what is chosen now. */
	isCurrent: boolean
	onCanary(applianceIds: string[]): void
}

/** The fewest appliances that stand for all, and why each. */
export function CanaryPanel({ whole, isCurrent, onCanary }: Props) {
	const { canary, appliances, files } = whole
	const { chosen, uncovered } = canary
	const ids = chosen.flatMap(({ place }) => appliances[place]?.id ?? [])
	return (
		<Panel
			title="Proposed canary"
			note={chosen.length === 0 ? "" : canaryWords(whole)}
			label="Proposed canary"
			actions={
				<Button size="compact-sm" disabled={chosen.length === 0 || !isCurrent} onClick={() => onCanary(ids)}>
					Use {chosen.length === 1 ? "this one" : `these ${chosen.length}`}
				</Button>
			}
		>
			{chosen.length === 0 && (
				<p className={classes.calm}>
					{whole.done < appliances.length
						? "Proposed once all have been looked at."
						: "No appliance is ready for a run, so none can go first."}
				</p>
			)}
			<More items={chosen} first={20} what="appliances" className={classes.rows} label="Canary">
				{({ place, covers }) => (
					<li key={place} className={classes.chosen}>
						<strong className={classes.name}>{appliances[place]?.name}</strong>
						<span className={classes.text}>{reasonWords(covers, files)}</span>
					</li>
				)}
			</More>
			{uncovered.length > 0 && (
				<div className={classes.note}>
					<Note tone="warn" title={`Not covered, because no run can begin where it occurs: ${uncovered.length}`}>
						<More items={uncovered} first={3} what="of them" className={classes.plain} label="Not covered">
							{(one) => (
								<li key={JSON.stringify(one.feature)}>
									{featureWords(one, files)}, on {one.on}
								</li>
							)}
						</More>
					</Note>
				</div>
			)}
		</Panel>
	)
}
