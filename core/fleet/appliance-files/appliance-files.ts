import type { Appliance } from "../../schema/appliance.ts"
import type { Comparing } from "../../schema/appliance-compare.ts"
import type { DesktopRun } from "../../schema/desktop.ts"
import { FailureError } from "../../schema/failure.ts"
import type { LibraryService } from "../library/types.ts"
import type { Contacts } from "../services/contacts.ts"
import { failureOf } from "../services/failure-of.ts"
import { answersOf } from "./answers.ts"
import { askedFiles } from "./compare.ts"
import { compareFile } from "./compare-file.ts"
import { compareRecorded } from "./compare-recorded.ts"
import { fetchSource } from "./fetch-sources.ts"
import { createKeptRunners } from "./kept-runners.ts"
import type { ApplianceFilesService } from "./types.ts"

/** Seconds: a folder or some digests; files of 100 MB over a slow line. */
const LOOK = 60
const FETCH = 600
/** Appliances that are asked side by side. */
const AT_ONCE = 16

interface Deps {
	contacts: Pick<Contacts, "open">
	reach(id: string): Appliance
	library: Pick<LibraryService, "open" | "readSource" | "put" | "addSources" | "dropUploads" | "findContents">
	runOf(id: string): DesktopRun
}

/** Looks at files of appliances; `types.ts` says what each call promises. */
export function createApplianceFiles({ contacts, reach, library, runOf }: Deps): ApplianceFilesService {
	const runners = createKeptRunners(contacts)
	const look = (signal?: AbortSignal) => ({ seconds: LOOK, phase: "the answer", signal })

	async function ask(id: string, destinations: string[], signal: AbortSignal): Promise<Comparing> {
		try {
			const limit = { seconds: FETCH, phase: "the answer", signal }
			const seen = await runners.withRunner(reach(id), limit, (port) => port.statFiles(destinations))
			if (seen.length !== destinations.length)
				throw new FailureError("runner-incompatible", { reason: "not every destination was answered" })
			return { kind: "seen", id, seen }
		} catch (error) {
			return { kind: "failed", id, failure: failureOf(error) }
		}
	}

	return {
		listFolder: ({ applianceId, ...request }, signal) =>
			runners.withRunner(reach(applianceId), look(signal), (port) => port.listFolder(request)),
		fetch: ({ applianceId, folder, files }, signal) =>
			runners.withRunner(reach(applianceId), { seconds: FETCH, phase: "the file", signal }, async (port) => {
				const results = []
				for (const file of files) results.push(await fetchSource(port, library, folder, file, signal))
				return results
			}),
		async *compare({ folder, applianceIds, paths }, signal) {
			const { text } = await library.open(folder)
			const asked = askedFiles(text, paths)
			yield { kind: "asked" as const, ...asked }
			const destinations = asked.files.map(({ destination }) => destination)
			const ids = [...new Set(applianceIds)]
			yield* answersOf(ids, (id, either) => ask(id, destinations, either), { atOnce: AT_ONCE, signal })
		},
		async compareFile({ folder, applianceId, target, destination }, signal) {
			const source = await library.readSource(folder, target).catch(noSource)
			return runners.withRunner(reach(applianceId), look(signal), (port) => compareFile(port, destination, source))
		},
		compareRecorded({ runId, ...change }, signal) {
			const { applianceId, module } = runOf(runId)
			return compareRecorded(
				{
					find: (digests) => library.findContents({ module, destination: change.destination, digests }),
					ask: async (use) => runners.withRunner(reach(applianceId), look(signal), use),
				},
				change,
			)
		},
		close: runners.close,
	}
}

/** There is no such source, or none can have that name. */
function noSource(error: unknown): undefined {
	const { code } = failureOf(error)
	if (code !== "not-found" && code !== "source-refused") throw error
}
