import type { Services } from "../fleet/services/types.ts"
import type { ApplianceState } from "../schema/desktop.ts"
import { FailureError } from "../schema/failure.ts"
import { type FleetFilter, readFilter } from "../schema/fleet-filter.ts"
import { matchesFilter, membersOf } from "../schema/match-fleet.ts"

type Fleet = Pick<Services, "appliances" | "fleet" | "state">

/** The appliances of the fleet in this group that fit this filter, each where it is given. Fails where none does. */
export function chooseFromFleet(services: Fleet, choice: { group?: string; filter?: string }): ApplianceState[] {
	const filter = [...groupFilter(services, choice.group), ...parseFilter(choice.filter ?? "*")]
	const members = membersOf(services.appliances.list(), services.fleet.standings(), services.state.snapshot().runs)
	const found = members.filter((one) => matchesFilter(filter, one, Date.now())).map(({ appliance }) => appliance)
	if (found.length === 0) throw new FailureError("bad-request", { reason: "no appliance of the fleet fits" })
	return found
}

function groupFilter({ fleet }: Fleet, name: string | undefined): FleetFilter {
	if (name === undefined) return []
	const groups = fleet.groups()
	const group = groups.find((one) => one.name === name)
	if (group) return parseFilter(group.filter)
	const known = groups.map((one) => one.name).join(", ") || "none is saved yet"
	throw new FailureError("bad-request", { reason: `there is no group ${JSON.stringify(name)}: ${known}` })
}

function parseFilter(text: string): FleetFilter {
	// An empty one would mean everything, and comes from a variable that is not set.
	const read = text.trim() === "" ? { ok: false as const, fault: "it is empty; * fits everything" } : readFilter(text)
	if (read.ok) return read.filter
	throw new FailureError("bad-request", { reason: `cannot read the filter: ${read.fault}` })
}
