import type { DatabaseSync } from "node:sqlite"
import { isDeepStrictEqual } from "node:util"
import { z } from "zod"
import { type Appliance, applianceSchema } from "../../schema/appliance.ts"
import { type ApplianceState, applianceStateSchema } from "../../schema/desktop.ts"
import { parseBodies, parseBody } from "./rows.ts"

const seenSchema = applianceStateSchema
	.pick({ lastSeen: true, facts: true, lastFailure: true })
	// One that a later version wrote is not understood here, which is no reason to forget the rest.
	.extend({ past: applianceStateSchema.shape.past.catch(undefined) })
/** What the last contact with an appliance found out. */
export type Seen = z.infer<typeof seenSchema>

export type ApplianceStore = ReturnType<typeof createApplianceStore>

/** The appliances of the fleet and what was last known of each. */
export function createApplianceStore(db: DatabaseSync, log: (line: string) => void) {
	const all = db.prepare("SELECT id, body FROM appliances ORDER BY body ->> 'name' COLLATE NOCASE, id")
	const one = db.prepare("SELECT body FROM appliances WHERE id = ?")
	const upsert = db.prepare("INSERT INTO appliances VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET body = excluded.body")
	const remove = db.prepare("DELETE FROM appliances WHERE id = ?")
	const seen = db.prepare("SELECT body FROM last_seen WHERE appliance_id = ?")
	const see = db.prepare(`INSERT INTO last_seen SELECT ?1, ?2 WHERE EXISTS (SELECT 1 FROM appliances WHERE id = ?1)
		ON CONFLICT (appliance_id) DO UPDATE SET body = excluded.body`)

	const stateOf = (appliance: Appliance): ApplianceState => ({
		...appliance,
		...parseBody(seenSchema, seen.get(appliance.id)),
		embedded: false,
	})
	const get = (id: string) => {
		const appliance = parseBody(applianceSchema, one.get(id))
		return appliance && stateOf(appliance)
	}
	/** What a later version wrote stays, though it is not understood here. */
	const note = (id: string, what: Seen) =>
		void see.run(id, JSON.stringify({ ...parseBody(z.record(z.string(), z.unknown()), seen.get(id)), ...what }))
	return {
		list: (): ApplianceState[] => parseBodies(applianceSchema, all.all(), log).map(stateOf),
		get,
		save(appliance: Appliance): void {
			const before = get(appliance.id)
			upsert.run(appliance.id, JSON.stringify(applianceSchema.parse(appliance)))
			if (before?.past && !isDeepStrictEqual(addressOf(before), addressOf(appliance)))
				note(appliance.id, { past: undefined })
		},
		/** Whether there was one. */
		remove: (id: string): boolean => remove.run(id).changes > 0,
		/** Does nothing for an appliance that is not in the fleet. */
		see: note,
	}
}

/** Where another machine may answer, which has another past. */
export function addressOf({ host, port, jump }: Appliance) {
	return { host, port, jump }
}
