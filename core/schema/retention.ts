import { z } from "zod"

/** How much of the history this desktop keeps; what an appliance remembers can be fetched from it again. */
export const retentionSchema = z.object({
	/** Events and output of runs are kept so long, */
	outputDays: z.number().int().min(1).max(36_500).default(365),
	/** and so much of them, the newest. */
	outputMegabytes: z.number().int().min(1).max(1_000_000).default(2000),
	/** Runs whose results are kept, the newest. */
	runs: z.number().int().min(1).max(10_000_000).default(50_000),
})
export type Retention = z.infer<typeof retentionSchema>

/** What is kept now. */
export const historyRoomSchema = z.object({
	retention: retentionSchema,
	/** Of the file on disk. */
	bytes: z.number(),
	/** Of that what runs said, about. */
	outputBytes: z.number(),
	runs: z.number(),
})
export type HistoryRoom = z.infer<typeof historyRoomSchema>
