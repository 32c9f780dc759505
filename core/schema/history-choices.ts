import { z } from "zod"

/** What the history can be filtered by: all of which there are results. */
export const historyChoicesSchema = z.object({
	pools: z.array(z.string()),
	modules: z.array(z.string()),
	/** By the name that they had in their newest result. */
	appliances: z.array(z.object({ id: z.string(), name: z.string() })),
})
export type HistoryChoices = z.infer<typeof historyChoicesSchema>
