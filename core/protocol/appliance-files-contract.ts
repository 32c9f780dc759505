import { eventIterator, oc } from "@orpc/contract"
import { z } from "zod"
import {
	comparingSchema,
	fetchResultSchema,
	fileComparisonSchema,
	MAX_COMPARED,
	MAX_FETCHED_FILES,
} from "../schema/appliance-compare.ts"
import { folderPageSchema } from "../schema/appliance-files.ts"
import { failureSchema } from "../schema/failure.ts"
import { digestSchema } from "../schema/manifest.ts"
import { folderRequestSchema } from "./file-calls.ts"

const call = oc.errors({ FAILURE: { data: failureSchema } })
const folder = z
	.string()
	.max(4096)
	.regex(/^(\/|[A-Za-z]:[\\/]|\\\\)[^\0]*$/)
/** On an appliance. */
const path = folderRequestSchema.shape.path
const applianceId = z.string().max(300)
const target = z.string().min(1).max(4096)

/** The part of `contract.appliances` that looks at their files; nothing is ever written there. */
export const applianceFilesContract = {
	listFolder: call.input(folderRequestSchema.extend({ applianceId })).output(folderPageSchema),
	/**
	 * Brings files into a module's `src/`. `target` absent: as the path. `replaces`: the source that may be replaced.
	 * `digest`: the content that is meant; one that changed since fails.
	 */
	fetch: call
		.input(
			z.object({
				applianceId,
				folder,
				files: z
					.array(
						z.object({
							path,
							target: target.optional(),
							replaces: digestSchema.optional(),
							digest: digestSchema.optional(),
						}),
					)
					.min(1)
					.max(MAX_FETCHED_FILES),
			}),
		)
		.output(z.object({ results: z.array(fetchResultSchema) })),
	/** Every destination of the saved module, or these paths, as they stand there; ends after the last appliance. */
	compare: call
		.input(
			z.object({
				folder,
				applianceIds: z.array(applianceId).min(1).max(MAX_COMPARED),
				paths: z.array(path).min(1).max(MAX_FETCHED_FILES).optional(),
			}),
		)
		.output(eventIterator(comparingSchema)),
	/** One destination on one appliance: our source, their file, what was applied last. */
	compareFile: call.input(z.object({ folder, applianceId, target, destination: path })).output(fileComparisonSchema),
}
