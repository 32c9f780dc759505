import { Button, Loader, SegmentedControl, Select } from "@mantine/core"
import { notifications } from "@mantine/notifications"
import { IconDownload, IconHistory } from "@tabler/icons-react"
import { useEffect, useMemo, useState } from "react"
import type { ApplianceState } from "../../../core/schema/desktop.ts"
import type { HistoryChoices } from "../../../core/schema/history-choices.ts"
import { type PoolOutcome, poolOutcomeSchema } from "../../../core/schema/outcome.ts"
import { Awaited } from "../../components/awaited.tsx"
import { Empty } from "../../components/empty.tsx"
import { count } from "../../components/format.ts"
import { lookOf } from "../../components/outcome.tsx"
import { Panel, ViewHead } from "../../components/panel.tsx"
import { PastNote } from "../../components/past-note.tsx"
import { ProblemNote } from "../../components/problem.tsx"
import { useStoppable } from "../../components/use-stoppable.ts"
import { useApp, useDesktop } from "../../stores/context.ts"
import { hashOf } from "../../stores/route.ts"
import { Causes } from "./causes.tsx"
import { appliancesToChoose, namesToChoose } from "./choices.ts"
import { Course } from "./course.tsx"
import { type Filters, MOST, noFilters, PAGE, setFilters, useFilters } from "./filters.ts"
import { Grid } from "./grid.tsx"
import classes from "./history.module.css"
import { HistoryTable, NothingFits } from "./history-table.tsx"
import { OutputSearch } from "./output-search.tsx"
import { Storage } from "./storage.tsx"
import { SyncAllButton, SyncAllNote, useSyncAll } from "./sync-all.tsx"
import { useChoices } from "./use-choices.ts"
import { useHistory } from "./use-history.ts"

/** What became of every pool, on every appliance, in every run. */
export function HistoryView() {
	const filters = useFilters()
	const [round, setRound] = useState(0)
	const { shape } = filters
	const isGrid = shape === "grid"
	const isTime = shape === "time"
	const { results, total, causes, failures, grid, course, error } = useHistory(filters, round, {
		causes: true,
		grid: shape !== "list",
		course: isTime,
	})
	const { choices, choicesError } = useChoices(round)
	const again = () => setRound((before) => before + 1)
	const syncing = useSyncAll(again)
	const hasFleet = useDesktop((desktop) => (desktop.state?.appliances.length ?? 0) > 0)
	const filtered = filters.pool ?? filters.applianceId ?? filters.moduleName ?? filters.outcome ?? filters.text
	return (
		<>
			<ViewHead
				title="History"
				note={results && (filtered === null ? count(total, "result") : `${count(total, "result")} with these filters`)}
				actions={
					<>
						<Storage onChanged={again} />
						{filters.applianceId === null && hasFleet && <SyncAllButton sync={syncing} />}
						<Sync key={filters.applianceId} applianceId={filters.applianceId} onDone={again} />
					</>
				}
			/>
			<div className={classes.notes}>
				<SyncAllNote sync={syncing} />
				<PastNotes applianceId={filters.applianceId} />
			</div>
			{(error ?? choicesError) !== undefined && <ProblemNote error={error ?? choicesError} onRetry={again} />}
			{results === undefined && error === undefined && <Loader size="sm" />}
			{results && choices?.pools.length === 0 && <NoHistory />}
			{results && choices && choices.pools.length > 0 && (
				<Panel label="Results">
					<FilterBar filters={filters} choices={choices} />
					{failures > 0 && <Causes causes={causes} failures={failures} />}
					{isGrid && grid && grid.appliances.length > 0 && (
						<Grid grid={grid} none={(filters.outcome ?? filters.text) ? "nothing that fits" : "never run"} />
					)}
					{isGrid && grid?.appliances.length === 0 && <NothingFits />}
					{isTime && course && grid && (
						<Course course={course} grid={grid} by={filters.applianceId === null ? "appliance" : "pool"} />
					)}
					{shape === "list" && <HistoryTable results={results} />}
					{shape === "list" && results.length < total && (
						<div className={classes.rest}>
							The newest {results.length} of {total}.
							{filters.limit < MOST && (
								<Button
									variant="subtle"
									size="compact-xs"
									onClick={() => setFilters({ ...filters, limit: Math.min(MOST, filters.limit + PAGE) })}
								>
									Show more
								</Button>
							)}
						</div>
					)}
				</Panel>
			)}
		</>
	)
}

const noAppliances: ApplianceState[] = []

function FilterBar({ filters, choices }: { filters: Filters; choices: HistoryChoices }) {
	const fleet = useDesktop((desktop) => desktop.state?.appliances) ?? noAppliances
	const { pool, moduleName, applianceId } = filters
	const pools = useMemo(() => namesToChoose(choices.pools, pool), [choices, pool])
	const modules = useMemo(() => namesToChoose(choices.modules, moduleName), [choices, moduleName])
	const appliances = useMemo(
		() => appliancesToChoose(choices.appliances, fleet, applianceId),
		[choices, fleet, applianceId],
	)
	const outcomes = poolOutcomeSchema.options.map((value) => ({ value, label: lookOf(value).word }))
	const any = { clearable: true, searchable: true, className: classes.filter }
	return (
		<div className={classes.filters}>
			<Select
				{...any}
				aria-label="Pool"
				placeholder="Every pool"
				data={pools}
				value={filters.pool}
				onChange={(pool) => setFilters({ pool })}
			/>
			<Select
				{...any}
				aria-label="Appliance"
				placeholder="Every appliance"
				data={appliances}
				value={filters.applianceId}
				onChange={(applianceId) => setFilters({ applianceId })}
			/>
			<Select
				{...any}
				aria-label="Module"
				placeholder="Every module"
				data={modules}
				value={filters.moduleName}
				onChange={(moduleName) => setFilters({ moduleName })}
			/>
			<Select
				{...any}
				searchable={false}
				aria-label="Outcome"
				placeholder="Every outcome"
				data={outcomes}
				value={filters.outcome}
				onChange={(outcome) => setFilters({ outcome: outcome as PoolOutcome | null })}
			/>
			<OutputSearch text={filters.text} />
			<Button
				variant="subtle"
				color="gray"
				onClick={() => setFilters({ ...noFilters, shape: filters.shape })}
				disabled={Object.entries(noFilters).every(
					([key, none]) => key === "shape" || none === filters[key as keyof Filters],
				)}
			>
				Clear
			</Button>
			<SegmentedControl
				className={classes.shape}
				size="xs"
				aria-label="Shown as"
				data={[
					{ value: "list", label: "Results" },
					{ value: "grid", label: "Grid" },
					{ value: "time", label: "Over time" },
				]}
				value={filters.shape}
				onChange={(shape) => setFilters({ shape: shape as Filters["shape"] })}
			/>
		</div>
	)
}

function Sync({ applianceId, onDone }: { applianceId: string | null; onDone(): void }) {
	const { api } = useApp()
	const appliance = useDesktop((desktop) => desktop.state?.appliances.find((one) => one.id === applianceId))
	const { isGoing, run, stop } = useStoppable()
	const [error, setError] = useState<unknown>()
	useEffect(() => stop, [stop])
	if (!appliance) return null
	const sync = async () => {
		setError(undefined)
		try {
			const answer = await run((signal) => api.history.sync({ applianceId: appliance.id }, { signal }))
			if (!answer) return
			notifications.show({
				title: appliance.name,
				message: answer.added === 0 ? "Nothing new there." : `${count(answer.added, "run")} taken over.`,
			})
			onDone()
		} catch (problem) {
			setError(problem)
		}
	}
	if (isGoing)
		return (
			<Awaited label={`Asking ${appliance.name}`} onStop={stop}>
				Asking {appliance.name} …
			</Awaited>
		)
	return (
		<>
			{error !== undefined && <ProblemNote error={error} />}
			<Button
				variant="default"
				leftSection={<IconDownload size={14} />}
				onClick={() => void sync()}
				title="Runs that other desktops, or the appliance's own updates, made there"
			>
				Fetch what {appliance.name} remembers
			</Button>
		</>
	)
}

/** Of the appliance that was chosen, or of all. */
function PastNotes({ applianceId }: { applianceId: string | null }) {
	const fleet = useDesktop((desktop) => desktop.state?.appliances) ?? []
	return fleet
		.filter(({ id, past }) => past?.fault !== undefined && (applianceId ?? id) === id)
		.map((one) => <PastNote key={one.id} appliance={one} />)
}

function NoHistory() {
	return (
		<Empty
			icon={<IconHistory />}
			title="No run yet"
			actions={
				<Button component="a" href={hashOf({ view: "run" })}>
					Run a module
				</Button>
			}
		>
			Every pool of every run is listed here, with its full record: phases, commands, output and why it failed.
		</Empty>
	)
}
