import { useMemo } from "react"
import { formatMoment } from "../../components/format.ts"
import { Panel } from "../../components/panel.tsx"
import type { RolloutView, RunResults } from "../../stores/rollout-view.ts"
import { Chart } from "../history/charts.tsx"
import { formatRate } from "../history/over-time.ts"
import { sliceCourse } from "./course.ts"
import classes from "./rollout.module.css"

/** Outcomes over time: how far it came, and what part of it was good. */
export function CoursePanel({ view: { head, targets }, results }: { view: RolloutView; results: RunResults }) {
	const slices = useMemo(
		() => sliceCourse(targets, results, Date.parse(head.createdAt), Date.now()),
		[targets, results, head.createdAt],
	)
	const done = slices.at(-1)?.done ?? 0
	if (done === 0) return null
	const good = slices.reduce((sum, slice) => sum + slice.good, 0)
	const columns = slices.map(({ start, good, bad, done }) => ({
		key: String(start),
		name: formatMoment(new Date(start).toISOString()).split(", ").at(-1) ?? "",
		good,
		bad,
		done,
	}))
	return (
		<Panel title="Over time" label="Over time">
			<div className={classes.course}>
				<Chart
					title="Came to an end"
					value={`${done} of ${targets.length}`}
					summary={`Ends over time: ${done} of ${targets.length} appliances came to an end.`}
					top={String(targets.length)}
					columns={columns.map(({ key, name, done }) => ({
						...{ key, name, words: `${name}: ${done} had ended` },
						part: done === 0 ? undefined : done / targets.length,
					}))}
				/>
				<Chart
					title="Applied or unchanged"
					value={formatRate(good / done)}
					summary={`Success over time: ${good} of ${done} applied or unchanged, ${done - good} failed.`}
					top="100 %"
					columns={columns.map(({ key, name, good, bad }) => ({
						...{ key, name, words: `${name}: ${good} applied or unchanged, ${bad} failed` },
						part: good + bad === 0 ? undefined : good / (good + bad),
					}))}
					hasRest
				/>
			</div>
		</Panel>
	)
}
