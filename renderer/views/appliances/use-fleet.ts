import { useEffect, useMemo, useState } from "react"
import type { FleetGroup } from "../../../core/schema/fleet-filter.ts"
import { type FleetFilter, readFilter } from "../../../core/schema/fleet-filter.ts"
import { type ApplianceStanding, type FleetMember, matchesFilter, membersOf } from "../../../core/schema/match-fleet.ts"
import { useApp, useDesktop } from "../../stores/context.ts"
import { isEnded } from "../../stores/desktop.ts"

/** Ends of runs within so many milliseconds are asked about once. */
const GATHER_MS = 1000

const none: never[] = []

/** The fleet with what the history says of each appliance. */
export function useMembers(): FleetMember[] {
	const { api } = useApp()
	const appliances = useDesktop((desktop) => desktop.state?.appliances) ?? none
	const runs = useDesktop((desktop) => desktop.state?.runs) ?? none
	const [standings, setStandings] = useState<ApplianceStanding[]>()
	const ended = runs.reduce((ids, run) => (isEnded(run) ? `${ids} ${run.id}` : ids), "")
	const isFirst = standings === undefined
	// biome-ignore lint/correctness/useExhaustiveDependencies: asked anew whenever a run has ended
	useEffect(() => {
		const timer = setTimeout(
			() => {
				// Without it the fleet is there all the same; the connection says by itself that it is lost.
				api.fleet.standings({}).then(
					(answer) => setStandings(answer.standings),
					() => setStandings((now) => now ?? none),
				)
			},
			isFirst ? 0 : GATHER_MS,
		)
		return () => clearTimeout(timer)
	}, [api, ended, isFirst])
	return useMemo(() => membersOf(appliances, standings ?? none, runs), [appliances, standings, runs])
}

/** The members that fit what is typed. While it makes no sense, those stay that fitted before. */
export function useFilter(members: FleetMember[]) {
	const [text, setText] = useState("")
	const [filter, setFilter] = useState<FleetFilter>(none)
	const read = useMemo(() => readFilter(text), [text])
	const change = (wanted: string) => {
		setText(wanted)
		const typed = readFilter(wanted)
		if (typed.ok) setFilter(typed.filter)
	}
	const shown = useMemo(() => {
		const now = Date.now()
		return filter.length === 0 ? members : members.filter((one) => matchesFilter(filter, one, now))
	}, [members, filter])
	return { text, change, shown, fault: read.ok ? undefined : read.fault }
}

/** The saved groups; whatever is saved or dropped answers with all of them. */
export function useGroups() {
	const { api } = useApp()
	const [groups, setGroups] = useState<FleetGroup[]>(none)
	const [error, setError] = useState<unknown>()
	useEffect(() => {
		api.fleet.groups({}).then((answer) => setGroups(answer.groups), setError)
	}, [api])
	return {
		groups,
		error,
		save: async (group: FleetGroup) => setGroups((await api.fleet.saveGroup(group)).groups),
		drop: async (name: string) => setGroups((await api.fleet.dropGroup({ name })).groups),
	}
}
