import type { HistoryCourse } from "../../../core/schema/history-course.ts"
import type { GridCell, HistoryGrid } from "../../../core/schema/history-grid.ts"
import { poolOutcomeSchema } from "../../../core/schema/outcome.ts"
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

function Standing({ grid }: { grid: HistoryGrid }) {
	const cells = grid.appliances.flatMap((appliance) => appliance.cells.filter((cell) => cell !== null))
	return (
		<p className={classes.standing}>
			<span className={classes.soft}>Now</span>
			{countStanding(cells).map(({ look, times }) => (
				<Tag key={look.word} tone={look.tone} icon={look.icon}>
					{times} {look.word}
				</Tag>
			))}
		</p>
	)
}

/** How many pools stand how, by their newest run on each appliance: a revert that failed or left an emergency, too. */
export function countStanding(cells: readonly GridCell[]) {
	const words = new Map<string, { look: ReturnType<typeof lookOf>; times: number }>()
	for (const wanted of poolOutcomeSchema.options) {
		for (const { kind } of cells.filter(({ outcome }) => outcome === wanted)) {
			const look = lookOf(wanted, undefined, kind)
			words.set(look.word, { look, times: (words.get(look.word)?.times ?? 0) + 1 })
		}
	}
	return [...words.values()]
}
