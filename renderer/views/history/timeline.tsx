import { VisuallyHidden } from "@mantine/core"
import { type KeyboardEvent, useMemo, useState } from "react"
import type { CourseMark } from "../../../core/schema/history-course.ts"
import type { Reason } from "../../../core/schema/outcome.ts"
import { count, formatDuration, formatMoment } from "../../components/format.ts"
import { lookOf, toned } from "../../components/outcome.tsx"
import { hashOf } from "../../stores/route.ts"
import classes from "./course.module.css"
import { MOST_LANES, makeLanes, placeOf, type Span, spanOf } from "./over-time.ts"

/** Moments that the axis names. */
const TICKS = 5
const STEPS: Record<string, number> = { ArrowRight: -1, ArrowLeft: 1 }

/** Each run of a pool as a mark on the time line; left and right go from run to run, Enter opens the record. */
export function Timeline({ marks, by }: { marks: CourseMark[]; by: "appliance" | "pool" }) {
	const lanes = useMemo(() => makeLanes(marks, by), [marks, by])
	const span = useMemo(() => spanOf(marks), [marks])
	const shown = lanes.slice(0, MOST_LANES)
	return (
		<section className={classes.timeline} aria-label="Runs over time">
			{shown.map(({ name, marks }) => (
				<LaneRow
					key={`${marks[0]?.applianceId} ${marks[0]?.moduleName} ${name}`}
					name={name}
					marks={marks}
					span={span}
				/>
			))}
			<Axis span={span} />
			{lanes.length > shown.length && (
				<p className={classes.soft}>
					The {shown.length} {by}s with the newest results, of {count(lanes.length, by)}.
				</p>
			)}
		</section>
	)
}

function LaneRow({ name, marks, span }: { name: string; marks: CourseMark[]; span: Span }) {
	const [at, setAt] = useState(0)
	const go = (event: KeyboardEvent<HTMLElement>) => {
		const step = STEPS[event.key]
		if (step === undefined) return
		event.preventDefault()
		const next = Math.max(0, Math.min(marks.length - 1, at + step))
		setAt(next)
		event.currentTarget.querySelectorAll<HTMLElement>("a")[next]?.focus()
	}
	return (
		<div className={classes.lane}>
			<span className={classes.laneName} title={name}>
				{name}
			</span>
			{/* biome-ignore lint/a11y/noStaticElementInteractions: keys of the marks come up to here */}
			<div className={classes.track} onKeyDown={go}>
				{marks.map((mark, index) => (
					<Mark
						key={`${mark.runId} ${mark.pool}`}
						mark={mark}
						left={placeOf(Date.parse(mark.finishedAt), span)}
						isCurrent={index === at}
						onFocus={() => setAt(index)}
					/>
				))}
			</div>
		</div>
	)
}

function Mark(props: { mark: CourseMark; left: number; isCurrent: boolean; onFocus(): void }) {
	const { mark, left, isCurrent, onFocus } = props
	const { pool, applianceName, outcome, kind, phase, moduleVersion, finishedAt, durationMs, runId } = mark
	const look = lookOf(outcome, phase && ({ phase, message: "" } satisfies Reason), kind)
	const words = `${pool} on ${applianceName}: ${look.word}, ${moduleVersion}, ${formatMoment(finishedAt)}, ${formatDuration(durationMs)}`
	return (
		<a
			href={hashOf({ view: "record", run: runId, pool })}
			className={`${classes.mark} ${toned}`}
			data-tone={look.tone}
			style={{ left: `${left * 100}%` }}
			tabIndex={isCurrent ? 0 : -1}
			title={words}
			onFocus={onFocus}
		>
			<span aria-hidden>{look.icon}</span>
			<VisuallyHidden>{words}</VisuallyHidden>
		</a>
	)
}

function Axis({ span: [from, to] }: { span: Span }) {
	const parts = to > from ? Array.from({ length: TICKS }, (_, index) => index / (TICKS - 1)) : [0.5]
	return (
		<div className={classes.axis} aria-hidden>
			{parts.map((part) => (
				<span key={part} style={{ left: `${part * 100}%` }}>
					{formatTick(from + part * (to - from), to - from)}
				</span>
			))}
		</div>
	)
}

/** Seconds are told where all of it took less than an hour. */
function formatTick(at: number, spanMs: number): string {
	const moment = formatMoment(new Date(at).toISOString())
	return spanMs < 3_600_000 ? moment : moment.replace(/:\d\d$/, "")
}
