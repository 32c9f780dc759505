import { randomUUID } from "node:crypto"
import { isDeepStrictEqual } from "node:util"
import { type Appliance, applianceSchema } from "../../schema/appliance.ts"
import { FailureError } from "../../schema/failure.ts"
import { fleetCsv } from "../../schema/fleet-csv.ts"
import { type FleetGroup, fleetGroupSchema } from "../../schema/fleet-filter.ts"
import { type ImportPreview, type ImportRow, type ImportSource, MOST_TAGS } from "../../schema/fleet-import.ts"
import type { ApplianceStanding } from "../../schema/match-fleet.ts"
import { fleetYaml } from "../fleet-import/fleet-yaml.ts"
import { identitiesOf, newIdentitiesOf } from "../fleet-import/identities.ts"
import { formatOf, parseImport } from "../fleet-import/parse-import.ts"
import { planImport } from "../fleet-import/plan-import.ts"
import { readSshHosts } from "../fleet-import/read-ssh-hosts.ts"
import type { Store } from "../store/store.ts"
import type { Removals } from "./appliances-service.ts"
import type { Registry } from "./registry.ts"

export type ExportFormat = "csv" | "ansible-yaml"

/** Many appliances of the fleet at once. The demo's own are in no import, export or group edit. */
export interface FleetService {
	/** What importing would do; changes nothing. */
	readImport(source: ImportSource): Promise<ImportPreview>
	/**
	 * Imports rows of a preview, all or none of them. Fails with `changed-meanwhile` where the fleet is not what the preview
	 * was made against.
	 */
	import(rows: readonly ImportRow[]): { added: number; changed: number }
	/** These appliances as a text, in their order; all of the fleet where none are named. */
	export(format: ExportFormat, ids?: readonly string[] | undefined): string
	/**
	 * Adds and removes tags, of all or of none; those that are not in the fleet any more are passed over. Fails with
	 * `bad-request` where one would have too many.
	 */
	tag(change: { ids: readonly string[]; add: readonly string[]; remove: readonly string[] }): void
	remove(ids: readonly string[]): void
	/**
	 * Takes removals back: the appliances as they were written down. One that is there again is left as it is. Resolves to
	 * the ids of those that came back.
	 */
	bringBack(appliances: readonly Appliance[]): string[]
	/** What the history says of each appliance; those of which it says nothing are left out. */
	standings(): ApplianceStanding[]
	groups(): FleetGroup[]
	/** One of the same name gives way. */
	saveGroup(group: FleetGroup): FleetGroup[]
	dropGroup(name: string): FleetGroup[]
}

interface Deps {
	registry: Registry
	store: Store
	/** See `ServicesOptions`. */
	sshConfig: string | null | undefined
	removals: Removals
}

export function createFleet({ registry, store, sshConfig, removals }: Deps): FleetService {
	const own = () => store.appliances.list()
	return {
		async readImport(source) {
			if (source.kind === "ssh-config") return planImport(await readSshHosts(sshConfig), "ssh-config", own())
			const format = source.format ?? formatOf(source.text, source.name)
			return planImport(parseImport(source.text, format), format, own())
		},
		import(rows) {
			const wanted = rows.filter(({ standing }) => standing !== "same")
			registry.saveAll(() => {
				requireUnchanged(wanted, own())
				return wanted.map((row) => ({ ...row.appliance, id: row.standing === "changed" ? row.was.id : randomUUID() }))
			})
			const changed = wanted.filter(({ standing }) => standing === "changed").length
			return { added: wanted.length - changed, changed }
		},
		export(format, ids) {
			const fleet = own()
			const byId = new Map(fleet.map((one) => [one.id, one]))
			const chosen = ids ? ids.flatMap((id) => byId.get(id) ?? []) : fleet
			return format === "csv" ? fleetCsv(chosen) : fleetYaml(chosen)
		},
		tag({ ids, add, remove }) {
			registry.saveAll(() => {
				const known = ids.flatMap((id) => store.appliances.get(id) ?? [])
				const tagged = known.map((one) => ({
					...one,
					tags: [...new Set([...one.tags.filter((tag) => !remove.includes(tag)), ...add])],
				}))
				const changed = tagged.filter((one, at) => !isDeepStrictEqual(one.tags, known[at]?.tags))
				if (add.length > 0) for (const one of changed) requireFewTags(one)
				return changed
			})
		},
		remove(ids) {
			removals.note(ids.filter((id) => store.appliances.get(id)))
			registry.removeAll(ids)
		},
		bringBack(appliances) {
			let back: string[] = []
			registry.saveAll(() => {
				const gone = appliances.filter(({ id }) => removals.has(id) && !registry.get(id))
				back = gone.map(({ id }) => id)
				return gone
			})
			// Only now: a write that failed can be tried again.
			for (const id of back) removals.takeBack(id)
			return back
		},
		standings: () => store.fleet.standings(registry.list().map(({ id }) => id)),
		groups: store.fleet.groups,
		saveGroup(group) {
			store.fleet.saveGroup(fleetGroupSchema.parse(group))
			return store.fleet.groups()
		},
		dropGroup(name) {
			store.fleet.dropGroup(name)
			return store.fleet.groups()
		},
	}
}

/** No more than an import would take: what is exported comes back. */
function requireFewTags({ name, tags }: Appliance): void {
	if (tags.length <= MOST_TAGS) return
	throw new FailureError("bad-request", { reason: `${name} would have ${tags.length} tags, ${MOST_TAGS} at most` })
}

/** What somebody looked at is still so: nothing of a person's is written over unseen, and nobody is in twice. */
function requireUnchanged(rows: readonly ImportRow[], fleet: readonly Appliance[]): void {
	const byId = new Map(fleet.map((one) => [one.id, one]))
	const taken = new Set(fleet.flatMap(identitiesOf))
	for (const { appliance, ...row } of rows) {
		const was = row.standing === "changed" ? row.was : undefined
		const isAsSeen = !was || isDeepStrictEqual(applianceSchema.safeParse(byId.get(was.id)).data, was)
		const added = newIdentitiesOf(appliance, was)
		if (!isAsSeen || added.some((identity) => taken.has(identity)))
			throw new FailureError("changed-meanwhile", { path: appliance.name })
		for (const identity of added) taken.add(identity)
		// A second row for it was looked at against what this one changes.
		if (was) byId.delete(was.id)
	}
}
