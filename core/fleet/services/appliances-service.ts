import { randomUUID } from "node:crypto"
import { applianceSchema } from "../../schema/appliance.ts"
import { FailureError } from "../../schema/failure.ts"
import type { Contacts } from "./contacts.ts"
import type { Registry } from "./registry.ts"
import { createSharedStart } from "./shared-start.ts"
import type { AppliancesService, DemoFleet } from "./types.ts"

/** Ids of appliances that left: who saves one again takes its removal back, and its history is its own again. */
export type Removals = ReturnType<typeof createRemovals>

export function createRemovals() {
	const removed = new Set<string>()
	return {
		note(ids: readonly string[]) {
			for (const id of ids) removed.add(id)
		},
		has: (id: string): boolean => removed.has(id),
		/** Whether it had left. */
		takeBack: (id: string): boolean => removed.delete(id),
	}
}

/** The fleet. `startDemo` is called once; its appliances live as long as the program. */
export function createAppliances(
	registry: Registry,
	contacts: Contacts,
	removals: Removals,
	startDemo: (signal: AbortSignal) => Promise<DemoFleet>,
): AppliancesService & { close(): Promise<void> } {
	const demo = createSharedStart("the demo", startDemo)

	return {
		list: registry.list,
		save(given) {
			if (given.id !== undefined && !removals.takeBack(given.id)) requireEditable(registry, given.id)
			return registry.save(applianceSchema.parse({ ...given, id: given.id ?? randomUUID() }))
		},
		remove(id) {
			const isOwn = registry.get(id)?.embedded === false
			if (!registry.remove(id)) throw new FailureError("not-found", { kind: "appliance", id })
			if (isOwn) removals.note([id])
		},
		async test(id, signal) {
			const { port } = await contacts.open(registry.reach(id), { signal })
			await port.close()
			const tested = registry.get(id)
			// Removed while it was tested, or never part of the fleet.
			return tested ?? { ...registry.reach(id), embedded: false }
		},
		async addDemo(signal) {
			const { appliances, folder } = await demo.get(signal)
			return { appliances: appliances.map((one) => registry.addEmbedded(one)), folder }
		},
		adHoc({ id, name, ...given }) {
			const address = `${given.user}@${given.host}:${given.port}`
			const atAddress = registry
				.list()
				.filter((one) => one.user === given.user && one.host === given.host && one.port === given.port)
			// One address behind two jump hosts is two machines.
			const saved = (id && registry.get(id)) || (atAddress.find(({ jump }) => jump === given.jump) ?? atAddress[0])
			const identity = { id: saved?.id ?? address, name: saved?.name ?? name ?? address }
			const appliance = applianceSchema.parse({ ...given, ...identity })
			registry.addAdHoc(appliance)
			return appliance
		},
		async close() {
			await (await demo.end())?.close()
		},
	}
}

function requireEditable(registry: Registry, id: string) {
	const known = registry.get(id)
	if (!known) throw new FailureError("not-found", { kind: "appliance", id })
	if (known.embedded) throw new FailureError("bad-request", { reason: "an appliance of the demo cannot be changed" })
}
