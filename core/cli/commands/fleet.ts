import type { ExportFormat } from "../../fleet/services/fleet-service.ts"
import type { ApplianceState } from "../../schema/desktop.ts"
import { membersOf, outcomeOf, reachOf } from "../../schema/match-fleet.ts"
import { EXIT } from "../../schema/outcome.ts"
import { plainText } from "../../schema/plain-text.ts"
import { chooseFromFleet } from "../choose-from-fleet.ts"
import { withServices } from "../with-services.ts"

export interface FleetOptions {
	data?: string
	group?: string
	filter?: string
	json?: boolean
}

/** `hotfix fleet list`: the appliances of this desktop, and how each stood last time. */
export function listFleet(options: FleetOptions): Promise<number> {
	return withServices(options, async (services) => {
		if (services.appliances.list().length === 0) {
			if (!options.json) console.log("no appliances yet: `hotfix fleet import FILE`, or add them in the app")
			return EXIT.ok
		}
		const chosen = chooseFromFleet(services, options)
		const members = membersOf(chosen, services.fleet.standings(), services.state.snapshot().runs)
		for (const { appliance, standing, lastRun } of members) {
			const modules = standing?.modules ?? []
			if (options.json) console.log(JSON.stringify({ ...appliance, modules, lastOutcome: outcomeOf(lastRun) }))
			else console.log(plainText(`${lineOf(appliance)}  last run: ${outcomeOf(lastRun)}`, 1000))
		}
		return EXIT.ok
	})
}

function lineOf(appliance: ApplianceState): string {
	const { name, user, host, port, tags, lastSeen = "never seen" } = appliance
	const address = `${user}@${host}${port === 22 ? "" : `:${port}`}`
	return [name, address, reachOf(appliance), lastSeen, ...(tags.length > 0 ? [tags.join(", ")] : [])].join("  ")
}

/** `hotfix fleet export`: as a table for spreadsheets, or as an inventory for Ansible. */
export function exportFleet(options: FleetOptions & { format: ExportFormat }): Promise<number> {
	return withServices(options, async (services) => {
		const fleet = services.appliances.list()
		const chosen = fleet.length > 0 ? chooseFromFleet(services, options) : fleet
		if (options.json) for (const one of chosen) console.log(JSON.stringify(one))
		else
			process.stdout.write(
				services.fleet.export(
					options.format,
					chosen.map(({ id }) => id),
				),
			)
		return EXIT.ok
	})
}

/** `hotfix fleet groups`: filters that were saved under a name. */
export function listGroups(options: FleetOptions): Promise<number> {
	return withServices(options, async ({ fleet }) => {
		const groups = fleet.groups()
		for (const group of groups)
			console.log(options.json ? JSON.stringify(group) : plainText(`${group.name}  ${group.filter}`, 2000))
		if (groups.length === 0 && !options.json) console.log("no groups yet: the app saves a filter as one")
		return EXIT.ok
	})
}
