import { z } from "zod"
import { failureSchema } from "./failure.ts"

/** How far the fetching of the fleet's own histories has come. */
export const syncProgressSchema = z.object({
	done: z.number(),
	total: z.number(),
	/** The appliance that has just answered, or failed to; absent at first. */
	appliance: z
		.object({ id: z.string(), name: z.string(), added: z.number(), failure: failureSchema.optional() })
		.optional(),
})
export type SyncProgress = z.infer<typeof syncProgressSchema>
