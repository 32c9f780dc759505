import { oc } from "@orpc/contract"
import { z } from "zod"
import { applianceSchema } from "../schema/appliance.ts"
import { failureSchema } from "../schema/failure.ts"
import { fleetGroupSchema } from "../schema/fleet-filter.ts"
import {
	importedSchema,
	importPreviewSchema,
	importRowSchema,
	importSourceSchema,
	MAX_IMPORTED,
} from "../schema/fleet-import.ts"
import { standingOfSchema } from "../schema/match-fleet.ts"

const call = oc.errors({ FAILURE: { data: failureSchema } })
const nothing = z.object({})
const ids = z.array(z.string()).max(MAX_IMPORTED)
const tags = importedSchema.shape.tags
const groups = z.object({ groups: z.array(fleetGroupSchema) })

/** Many appliances at once; `core/fleet/services/fleet-service.ts` says what each call promises. */
export const fleetContract = {
	readImport: call.input(importSourceSchema).output(importPreviewSchema),
	import: call
		.input(z.object({ rows: z.array(importRowSchema).max(MAX_IMPORTED) }))
		.output(z.object({ added: z.number(), changed: z.number() })),
	export: call
		.input(z.object({ format: z.enum(["csv", "ansible-yaml"]), ids: ids.optional() }))
		.output(z.object({ text: z.string() })),
	tag: call.input(z.object({ ids, add: tags, remove: z.array(z.string()).max(1000) })).output(nothing),
	remove: call.input(z.object({ ids })).output(nothing),
	bringBack: call
		.input(z.object({ appliances: z.array(applianceSchema).max(MAX_IMPORTED) }))
		.output(z.object({ ids: z.array(z.string()) })),
	/** What the history says of each appliance. */
	standings: call.input(nothing).output(z.object({ standings: z.array(standingOfSchema) })),
	groups: call.input(nothing).output(groups),
	saveGroup: call.input(fleetGroupSchema).output(groups),
	dropGroup: call.input(fleetGroupSchema.pick({ name: true })).output(groups),
}
