import { randomUUID } from "node:crypto"
import { applianceSchema } from "../../schema/appliance.ts"
import { FailureError } from "../../schema/failure.ts"
import type { Contacts } from "./contacts.ts"
import type { Registry } from "./registry.ts"
import type { AppliancesService, DemoFleet } from "./types.ts"

/** The fleet. `startDemo` is called once; its appliances live as long as the program. */
export function createAppliances(
	registry: Registry,
	contacts: Contacts,
	startDemo: () => Promise<DemoFleet>,
): AppliancesService & { close(): Promise<void> } {
	let demo: Promise<DemoFleet> | undefined
	/** Ids of appliances that left: who saves one again takes its removal back, and its history is its own again. */
	const removed = new Set<string>()

	return {
		list: registry.list,
		save(given) {
			if (given.id !== undefined && !removed.delete(given.id)) requireEditable(registry, given.id)
			return registry.save(applianceSchema.parse({ ...given, id: given.id ?? randomUUID() }))
		},
		remove(id) {
			const isOwn = registry.get(id)?.embedded === false
			if (!registry.remove(id)) throw new FailureError("not-found", { kind: "appliance", id })
			if (isOwn) removed.add(id)
		},
		async test(id, signal) {
			const { port } = await contacts.open(registry.reach(id), { signal })
			await port.close()
			const tested = registry.get(id)
			// Removed while it was tested, or never part of the fleet.
			return tested ?? { ...registry.reach(id), embedded: false }
		},
		async addDemo() {
			demo ??= startDemo()
			try {
				const { appliances, folder } = await demo
				return { appliances: appliances.map((one) => registry.addEmbedded(one)), folder }
			} catch (error) {
				demo = undefined // The next attempt may succeed.
				throw error
			}
		},
		adHoc({ name, ...given }) {
			const address = `${given.user}@${given.host}:${given.port}`
			const saved = registry
				.list()
				.find((one) => one.user === given.user && one.host === given.host && one.port === given.port)
			const identity = { id: saved?.id ?? address, name: saved?.name ?? name ?? address }
			const appliance = applianceSchema.parse({ ...given, ...identity })
			registry.addAdHoc(appliance)
			return appliance
		},
		async close() {
			const started = await demo?.catch(() => undefined) // A demo that did not start has nothing to close.
			await started?.close()
		},
	}
}

function requireEditable(registry: Registry, id: string) {
	const known = registry.get(id)
	if (!known) throw new FailureError("not-found", { kind: "appliance", id })
	if (known.embedded) throw new FailureError("bad-request", { reason: "an appliance of the demo cannot be changed" })
}
