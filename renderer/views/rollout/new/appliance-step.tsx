import { Button, MultiSelect } from "@mantine/core"
import { useVirtualizer } from "@tanstack/react-virtual"
import { useMemo, useRef } from "react"
import type { ApplianceState } from "../../../../core/schema/desktop.ts"
import { Panel } from "../../../components/panel.tsx"
import { ProblemNote } from "../../../components/problem.tsx"
import { useApp, useRolloutDraft } from "../../../stores/context.ts"
import { hashOf } from "../../../stores/route.ts"
import { FilterBar } from "../../appliances/filter-bar.tsx"
import { useFilter, useGroups, useMembers } from "../../appliances/use-fleet.ts"
import classes from "./new.module.css"

/** Options that a choice of names shows at once; typing finds the others. */
const OPTIONS = 50
const ROW_PIXELS = 28

/** Which appliances, and who comes first. */
export function ApplianceStep({ fleet }: { fleet: readonly ApplianceState[] }) {
	const { rolloutDraft } = useApp()
	const { applianceIds } = useRolloutDraft()
	const members = useMembers()
	const filter = useFilter(members)
	const groups = useGroups()
	const field = useRef<HTMLInputElement>(null)
	const shown = useMemo(() => filter.shown.map(({ appliance }) => appliance), [filter.shown])
	const chosen = fleet.filter(({ id }) => applianceIds.has(id)).length
	const choose = (ids: readonly string[], isWanted: boolean) => {
		const next = new Set(applianceIds)
		for (const id of ids) isWanted ? next.add(id) : next.delete(id)
		rolloutDraft.change({ applianceIds: next })
	}
	const ids = shown.map(({ id }) => id)
	const isWhole = shown.length === fleet.length
	return (
		<Panel
			title="Appliances"
			note={`${chosen} of ${fleet.length} chosen`}
			label="Appliances"
			actions={
				<>
					<Button variant="subtle" size="compact-xs" onClick={() => choose(ids, true)} disabled={ids.length === 0}>
						{isWhole ? "Choose all" : `Choose these ${ids.length}`}
					</Button>
					<Button variant="subtle" size="compact-xs" onClick={() => choose(ids, false)} disabled={chosen === 0}>
						{isWhole ? "None" : "None of these"}
					</Button>
				</>
			}
		>
			{fleet.length === 0 ? (
				<p className={classes.step}>
					No appliances yet. <a href={hashOf({ view: "appliances" })}>Add some</a> first.
				</p>
			) : (
				<div className={classes.step}>
					{groups.error !== undefined && <ProblemNote error={groups.error} />}
					<FilterBar members={members} filter={filter} groups={groups} field={field} />
					<Choices shown={shown} chosen={applianceIds} onChoose={(id, isWanted) => choose([id], isWanted)} />
					<Canary fleet={fleet} />
				</div>
			)}
		</Panel>
	)
}

interface ChoicesProps {
	shown: readonly ApplianceState[]
	chosen: ReadonlySet<string>
	onChoose(id: string, isWanted: boolean): void
}

/** Only the rows in sight are drawn: a fleet has thousands. */
function Choices({ shown, chosen, onChoose }: ChoicesProps) {
	const box = useRef<HTMLDivElement>(null)
	const rows = useVirtualizer({
		count: shown.length,
		getScrollElement: () => box.current,
		estimateSize: () => ROW_PIXELS,
		overscan: 10,
	})
	if (shown.length === 0) return <p className={classes.soft}>No appliance fits the filter.</p>
	return (
		<div ref={box} className={classes.appliances} tabIndex={-1}>
			<ul aria-label="Appliances to choose from" style={{ height: rows.getTotalSize() }}>
				{rows.getVirtualItems().map(({ index, start }) => {
					const appliance = shown[index]
					if (!appliance) return null
					return (
						<li
							key={appliance.id}
							aria-posinset={index + 1}
							aria-setsize={shown.length}
							style={{ transform: `translateY(${start}px)` }}
						>
							<Choice
								appliance={appliance}
								isChosen={chosen.has(appliance.id)}
								onChoose={(isWanted) => onChoose(appliance.id, isWanted)}
							/>
						</li>
					)
				})}
			</ul>
		</div>
	)
}

interface ChoiceProps {
	appliance: ApplianceState
	isChosen: boolean
	onChoose(isWanted: boolean): void
}

function Choice({ appliance: { name, user, host, tags, lastFailure }, isChosen, onChoose }: ChoiceProps) {
	return (
		<label className={classes.appliance}>
			<input type="checkbox" checked={isChosen} onChange={(event) => onChoose(event.currentTarget.checked)} />
			<span className={classes.name}>{name}</span>
			<span className={classes.address}>
				{user}@{host}
				{tags.length > 0 && ` · ${tags.join(", ")}`}
				{lastFailure && " · not reached last time"}
			</span>
		</label>
	)
}

function Canary({ fleet }: { fleet: readonly ApplianceState[] }) {
	const { rolloutDraft } = useApp()
	const { canary, applianceIds } = useRolloutDraft()
	const data = useMemo(
		() => fleet.filter(({ id }) => applianceIds.has(id)).map(({ id, name }) => ({ value: id, label: name })),
		[fleet, applianceIds],
	)
	if (data.length < 2) return null
	return (
		<MultiSelect
			size="xs"
			label="Who comes first"
			description="The canary: these are the first wave. Nobody named: the first of the list."
			placeholder={canary.length === 0 ? "Type a name" : ""}
			searchable
			clearable
			limit={OPTIONS}
			data={data}
			value={canary.filter((id) => applianceIds.has(id))}
			onChange={rolloutDraft.setCanary}
		/>
	)
}
