import { IconAlertTriangle, IconBan, IconCheck, IconPlugOff, IconUserEdit } from "@tabler/icons-react"
import { type KeyboardEvent, memo } from "react"
import { count, formatBytes } from "../../components/format.ts"
import { Spinner, Tag } from "../../components/outcome.tsx"
import classes from "./review.module.css"
import { aboutWords, changeWords, expectedWords, type ReviewRow } from "./review-rows.ts"

/** One line an appliance, what needs a look first on top; arrow keys go up and down. */
export function ReviewTable({
	rows,
	shown,
	onShow,
}: {
	rows: ReviewRow[]
	shown: string
	onShow: (id: string) => void
}) {
	return (
		<section className={classes.scroll} aria-label="Appliances reviewed">
			<table className={classes.table} onKeyDown={moveFocus}>
				<thead>
					<tr>
						<th>Appliance</th>
						<th>Version</th>
						<th>Files</th>
						<th>To mind</th>
						<th>Space</th>
						<th>Takes</th>
					</tr>
				</thead>
				<tbody>
					{rows.map((row) => (
						<Line key={row.id} row={row} isShown={row.id === shown} onShow={onShow} />
					))}
				</tbody>
			</table>
		</section>
	)
}

const Line = memo(function Line({
	row,
	isShown,
	onShow,
}: {
	row: ReviewRow
	isShown: boolean
	onShow: (id: string) => void
}) {
	const { id, name, plan, expected, alike } = row
	return (
		<tr data-shown={isShown || undefined} onClick={() => onShow(id)}>
			<th scope="row">
				<button type="button" className={classes.name} aria-current={isShown ? "true" : undefined}>
					{name}
				</button>
				{alike > 0 && <span className={classes.soft}> same as on {count(alike, "other")}</span>}
			</th>
			<td className={classes.number}>{plan && versionShort(plan.installedVersion, plan.module.version)}</td>
			<td>{plan && changeWords(plan)}</td>
			<td>
				<Doubts row={row} />
			</td>
			<td className={classes.number} title={plan && `${formatBytes(plan.space.freeBytes)} are free`}>
				{plan && (
					<>
						{formatBytes(plan.space.neededBytes)}
						<span className={`${classes.soft} ${classes.wide}`}> of {formatBytes(plan.space.freeBytes)}</span>
					</>
				)}
			</td>
			<td className={classes.number} title={plan && expectedWords(expected)}>
				{plan && (expected ? aboutWords(expected) : "no run yet")}
			</td>
		</tr>
	)
})

function versionShort(installed: string | undefined, version: string): string {
	if (installed === undefined) return version
	return installed === version ? `has ${version}` : `${installed} → ${version}`
}

/** Everything that a person should think about before this appliance is touched. */
function Doubts({ row: { state, isRefused, isShort, blocked, drift, warnings } }: { row: ReviewRow }) {
	if (state === "planning")
		return (
			<Tag tone="live" icon={<Spinner />}>
				Asked
			</Tag>
		)
	if (state === "failed")
		return (
			<Tag tone="bad" icon={<IconPlugOff size={13} />}>
				No plan
			</Tag>
		)
	const isCalm = !isRefused && !isShort && blocked === 0 && drift.length === 0 && warnings === 0
	return (
		<span className={classes.doubts}>
			{isRefused && (
				<Tag tone="bad" icon={<IconBan size={13} />}>
					Refused
				</Tag>
			)}
			{isShort && (
				<Tag tone="bad" icon={<IconBan size={13} />}>
					No room
				</Tag>
			)}
			{blocked > 0 && (
				<Tag tone="bad" icon={<IconBan size={13} />}>
					{count(blocked, "pool")} would fail
				</Tag>
			)}
			{drift.length > 0 && (
				<Tag tone="warn" icon={<IconUserEdit size={13} />}>
					{count(drift.length, "file")} changed
				</Tag>
			)}
			{warnings > 0 && (
				<Tag tone="warn" icon={<IconAlertTriangle size={13} />}>
					{count(warnings, "warning")}
				</Tag>
			)}
			{isCalm && (
				<Tag tone="mute" icon={<IconCheck size={13} />}>
					Nothing
				</Tag>
			)}
		</span>
	)
}

/** The name above or below has the focus next, and is shown. */
function moveFocus(event: KeyboardEvent<HTMLTableElement>): void {
	const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0
	if (step === 0) return
	const names = [...event.currentTarget.querySelectorAll<HTMLButtonElement>("tbody button")]
	const next = names[names.indexOf(event.target as HTMLButtonElement) + step]
	if (!next) return
	event.preventDefault()
	next.focus()
	next.click()
}
