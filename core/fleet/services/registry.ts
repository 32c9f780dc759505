import type { Appliance } from "../../schema/appliance.ts"
import type { ApplianceState } from "../../schema/desktop.ts"
import { FailureError } from "../../schema/failure.ts"
import type { Seen } from "../store/appliance-store.ts"
import type { Store } from "../store/store.ts"
import type { StateBroadcast } from "./state-service.ts"

export type Registry = ReturnType<typeof createRegistry>

/** Every appliance this program can reach: those of the fleet (stored), the demo's and ad-hoc ones (in memory). */
export function createRegistry(store: Store, state: Pick<StateBroadcast, "publish">) {
	const embedded = new Map<string, ApplianceState>()
	/** How to reach an appliance for this program's life; goes before what the fleet has under the same id. */
	const adHoc = new Map<string, Appliance>()

	const get = (id: string): ApplianceState | undefined => embedded.get(id) ?? store.appliances.get(id)
	const publish = (appliance: ApplianceState | undefined) => {
		if (appliance) state.publish({ type: "appliance-changed", appliance })
	}

	return {
		get,
		list: (): ApplianceState[] => [...store.appliances.list(), ...embedded.values()],
		/** How to reach an appliance; fails with `not-found`. */
		reach(id: string): Appliance {
			const appliance = adHoc.get(id) ?? get(id)
			if (!appliance) throw new FailureError("not-found", { kind: "appliance", id })
			return appliance
		},
		/** Whether it is reached as it was named in this program, whatever the fleet says. */
		isAdHoc: (id: string): boolean => adHoc.has(id),
		addAdHoc: (appliance: Appliance) => void adHoc.set(appliance.id, appliance),
		addEmbedded(appliance: Appliance): ApplianceState {
			const shown: ApplianceState = { ...appliance, embedded: true }
			embedded.set(appliance.id, shown)
			publish(shown)
			return shown
		},
		save(appliance: Appliance): ApplianceState {
			store.appliances.save(appliance)
			const saved = get(appliance.id) ?? { ...appliance, embedded: false }
			publish(saved)
			return saved
		},
		/** All that `make` says or none; nobody writes between what it looked at and this. Told as one change. */
		saveAll(make: () => readonly Appliance[]) {
			const ids = store.inTransaction(() =>
				make().map((one) => {
					store.appliances.save(one)
					return one.id
				}),
			)
			const changed = ids.flatMap((id) => get(id) ?? [])
			if (changed.length > 0) state.publish({ type: "fleet-changed", changed, removed: [] })
		},
		/** The same; those that are not there are passed over. */
		removeAll(ids: readonly string[]) {
			const removed = store.inTransaction(() => ids.filter((id) => embedded.has(id) || store.appliances.remove(id)))
			for (const id of removed) embedded.delete(id)
			if (removed.length > 0) state.publish({ type: "fleet-changed", changed: [], removed })
		},
		/** Whether there was one. */
		remove(id: string): boolean {
			const isRemoved = embedded.delete(id) || store.appliances.remove(id)
			if (isRemoved) state.publish({ type: "appliance-removed", id })
			return isRemoved
		},
		/** Notes what a contact found out; nothing for an appliance that is not shown. */
		see(id: string, what: Seen) {
			const shown = embedded.get(id)
			if (shown) embedded.set(id, { ...shown, ...what })
			else store.appliances.see(id, what)
			publish(get(id))
		},
	}
}
