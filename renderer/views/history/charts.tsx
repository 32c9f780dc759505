import { Table } from "@mantine/core"
import type { CourseBucket, CourseUnit } from "../../../core/schema/history-course.ts"
import { count, formatDuration } from "../../components/format.ts"
import classes from "./course.module.css"
import { formatBucket, formatRate, rateOf, sumOf } from "./over-time.ts"

interface ChartsProps {
	unit: CourseUnit
	buckets: CourseBucket[]
}

/** Success and duration over time, and the same as numbers. */
export function Charts({ unit, buckets }: ChartsProps) {
	const sum = sumOf(buckets)
	const rate = rateOf(sum)
	const longest = Math.max(0, ...buckets.map(({ meanMs = 0 }) => meanMs))
	const ran = buckets.filter(({ meanMs }) => meanMs !== undefined)
	if (rate === undefined) return <p className={classes.soft}>No pool was applied or failed here yet.</p>
	return (
		<>
			<div className={classes.charts}>
				<Chart
					title="Success"
					value={formatRate(rate)}
					summary={`Success over time: ${formatRate(rate)} of ${count(sum.applied + sum.failed + sum.degraded, "pool")} applied, ${sum.failed} failed, ${sum.degraded} degraded.`}
					top="100 %"
					columns={buckets.map((bucket) => ({
						key: bucket.start,
						name: formatBucket(bucket.start, unit),
						part: rateOf(bucket),
						words: `${formatBucket(bucket.start, unit)}: ${bucket.applied} applied, ${bucket.failed} failed, ${bucket.degraded} degraded`,
					}))}
					hasRest
				/>
				<Chart
					title="Mean duration"
					value={formatDuration(ran.at(-1)?.meanMs ?? 0)}
					summary={`Mean duration over time: ${formatDuration(ran[0]?.meanMs ?? 0)} at first, ${formatDuration(ran.at(-1)?.meanMs ?? 0)} at last, ${formatDuration(longest)} at most.`}
					top={formatDuration(longest)}
					columns={buckets.map(({ start, meanMs }) => ({
						key: start,
						name: formatBucket(start, unit),
						part: meanMs === undefined ? undefined : longest === 0 ? 0 : meanMs / longest,
						words: `${formatBucket(start, unit)}: ${meanMs === undefined ? "nothing ran" : formatDuration(meanMs)}`,
					}))}
				/>
			</div>
			<Numbers unit={unit} buckets={buckets} />
		</>
	)
}

export interface Column {
	key: string
	/** When it was. */
	name: string
	/** Of the height, 0 to 1; undefined: nothing to show. */
	part: number | undefined
	words: string
}

interface ChartProps {
	title: string
	/** The one number that matters most. */
	value: string
	/** All of it in words. */
	summary: string
	/** What the full height stands for. */
	top: string
	columns: Column[]
	/** Whether what lacks to the full height is shown, too. */
	hasRest?: boolean
}

const HEIGHT = 100
/** Few columns stand at the right, as they will when more come. */
const FEWEST = 24
/** In the chart's own units; 0 would not be seen. */
const LOWEST = 2

/** Columns over time, the newest at the right. */
export function Chart({ title, value, summary, top, columns, hasRest = false }: ChartProps) {
	const width = Math.max(FEWEST, columns.length)
	return (
		<figure className={classes.chart}>
			<figcaption className={classes.chartHead}>
				<span>{title}</span>
				<strong>{value}</strong>
				<span className={classes.top}>{top}</span>
			</figcaption>
			<svg
				role="img"
				aria-label={summary}
				viewBox={`0 0 ${width} ${HEIGHT}`}
				preserveAspectRatio="none"
				className={classes.plot}
			>
				{columns.map(({ key, part, words }, index) => {
					if (part === undefined) return null
					const height = Math.max(LOWEST, part * HEIGHT)
					const column = { x: width - columns.length + index + 0.1, width: 0.8 }
					return (
						<g key={key}>
							<title>{words}</title>
							{hasRest && <rect {...column} y={0} height={HEIGHT} className={classes.lack} />}
							<rect {...column} y={HEIGHT - height} height={height} className={classes.bar} />
						</g>
					)
				})}
			</svg>
			<div className={classes.ends} aria-hidden>
				<span>{columns.length > 1 && columns[0]?.name}</span>
				<span>{columns.at(-1)?.name}</span>
			</div>
		</figure>
	)
}

function Numbers({ unit, buckets }: ChartsProps) {
	return (
		<details className={classes.numbers}>
			<summary>As numbers, by the {unit} (UTC)</summary>
			<Table aria-label="Success and duration over time">
				<Table.Thead>
					<Table.Tr>
						<Table.Th>When</Table.Th>
						<Table.Th>Applied</Table.Th>
						<Table.Th>Failed</Table.Th>
						<Table.Th>Degraded</Table.Th>
						<Table.Th>Success</Table.Th>
						<Table.Th>Mean duration</Table.Th>
					</Table.Tr>
				</Table.Thead>
				<Table.Tbody>
					{buckets.toReversed().flatMap((bucket) => {
						const rate = rateOf(bucket)
						if (rate === undefined) return []
						return [
							<Table.Tr key={bucket.start}>
								<Table.Th scope="row">{formatBucket(bucket.start, unit)}</Table.Th>
								<Table.Td>{bucket.applied}</Table.Td>
								<Table.Td>{bucket.failed}</Table.Td>
								<Table.Td>{bucket.degraded}</Table.Td>
								<Table.Td>{formatRate(rate)}</Table.Td>
								<Table.Td>{formatDuration(bucket.meanMs ?? 0)}</Table.Td>
							</Table.Tr>,
						]
					})}
				</Table.Tbody>
			</Table>
		</details>
	)
}
