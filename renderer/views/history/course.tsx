import type { HistoryCourse } from "../../../core/schema/history-course.ts"
import type { HistoryGrid } from "../../../core/schema/history-grid.ts"
import { type PoolOutcome, poolOutcomeSchema } from "../../../core/schema/outcome.ts"
import { lookOf, Tag } from "../../components/outcome.tsx"
import { Charts } from "./charts.tsx"
import classes from "./course.module.css"
import { NothingFits } from "./history-table.tsx"
import { Timeline } from "./timeline.tsx"

interface Props {
	course: HistoryCourse
	grid: HistoryGrid
	/** What the lines of the time line are. */
	by: "appliance" | "pool"
}

/** What stands now, and how it came to that: one pool over all appliances, one appliance over all pools. */
export function Course({ course: { unit, buckets, marks, total }, grid, by }: Props) {
	if (total === 0) return <NothingFits />
	return (
		<div className={classes.course}>
			<Standing grid={grid} />
			<Charts unit={unit} buckets={buckets} />
			<Timeline marks={marks} by={by} />
			{marks.length < total && (
				<p className={classes.soft}>
					The time line shows the newest {marks.length} of {total} results.
				</p>
			)}
		</div>
	)
}

/** How many pools stand how, by their newest run on each appliance. */
function Standing({ grid }: { grid: HistoryGrid }) {
	const outcomes = grid.appliances.flatMap(({ cells }) => cells.flatMap((cell) => (cell ? [cell] : [])))
	const counts = poolOutcomeSchema.options.map((outcome): [PoolOutcome, number] => [
		outcome,
		outcomes.filter((cell) => cell.outcome === outcome && cell.kind !== "revert").length,
	])
	const reverted = outcomes.filter((cell) => cell.outcome === "applied" && cell.kind === "revert").length
	return (
		<p className={classes.standing}>
			<span className={classes.soft}>Now</span>
			{counts.map(([outcome, times]) => {
				const look = lookOf(outcome)
				return (
					times > 0 && (
						<Tag key={outcome} tone={look.tone} icon={look.icon}>
							{times} {look.word}
						</Tag>
					)
				)
			})}
			{reverted > 0 && (
				<Tag tone={lookOf("applied", undefined, "revert").tone} icon={lookOf("applied", undefined, "revert").icon}>
					{reverted} Put back
				</Tag>
			)}
		</p>
	)
}
