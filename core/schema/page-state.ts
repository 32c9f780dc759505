import { z } from "zod"

/** How far the tour is. `left`: to be taken up again; `declined`: not offered any more. */
const tourStateSchema = z.object({
	state: z.enum(["going", "left", "done", "declined"]),
	/** The furthest that was reached. */
	step: z.int().min(0).max(100),
	/** Runs from before do not count. */
	since: z.string().max(40),
})

/** What the page keeps from one start to the next. Nothing on an appliance depends on it. */
export const pageStateSchema = z.object({
	/** The address's fragment of the view that was open last. */
	view: z.string().max(10_000).optional(),
	colorScheme: z.enum(["auto", "light", "dark"]).optional(),
	/** Whether the end of a long run is told by the system. */
	notifies: z.boolean().optional(),
	tour: tourStateSchema.optional(),
	/** What of the history was shown: each filter by its name. */
	history: z.record(z.string().max(40), z.union([z.string().max(500), z.number(), z.null()])).optional(),
})
export type PageState = z.infer<typeof pageStateSchema>
