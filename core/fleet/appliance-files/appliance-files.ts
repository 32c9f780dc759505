import type { Appliance } from "../../schema/appliance.ts"
import { FailureError } from "../../schema/failure.ts"
import type { LibraryService } from "../library/types.ts"
import type { Contacts } from "../services/contacts.ts"
import { failureOf } from "../services/failure-of.ts"
import { type Answer, type Asked, destinationsOf, makeComparison } from "./compare.ts"
import { compareFile } from "./compare-file.ts"
import { fetchSource } from "./fetch-sources.ts"
import { createKeptRunners } from "./kept-runners.ts"
import type { ApplianceFilesService } from "./types.ts"

/** Seconds: a folder or some digests; files of 100 MB over a slow line. */
const LOOK = 60
const FETCH = 600
/** Appliances that are asked side by side. */
const AT_ONCE = 8

interface Deps {
	contacts: Pick<Contacts, "open">
	reach(id: string): Appliance
	library: Pick<LibraryService, "open" | "readSource" | "put" | "addSources" | "dropUploads" | "dropUploads">
}

/** Looks at files of appliances; `types.ts` says what each call promises. */
export function createApplianceFiles({ contacts, reach, library }: Deps): ApplianceFilesService {
	const runners = createKeptRunners(contacts)
	const look = (signal?: AbortSignal) => ({ seconds: LOOK, phase: "the answer", signal })

	async function ask(id: string, asked: Asked[], signal?: AbortSignal): Promise<Answer> {
		try {
			const destinations = asked.map(({ destination }) => destination)
			const limit = { seconds: FETCH, phase: "the answer", signal }
			const seen = await runners.withRunner(reach(id), limit, (port) => port.statFiles(destinations))
			if (seen.length !== destinations.length)
				throw new FailureError("runner-incompatible", { reason: "not every destination was answered" })
			return { id, seen }
		} catch (error) {
			return { id, failure: failureOf(error) }
		}
	}

	return {
		listFolder: ({ applianceId, ...request }, signal) =>
			runners.withRunner(reach(applianceId), look(signal), (port) => port.listFolder(request)),
		fetch: ({ applianceId, folder, files }, signal) =>
			runners.withRunner(reach(applianceId), { seconds: FETCH, phase: "the file", signal }, async (port) => {
				const results = []
				for (const file of files) results.push(await fetchSource(port, library, folder, file))
				return results
			}),
		async compare({ folder, applianceIds }, signal) {
			const module = await library.open(folder)
			const destinations = destinationsOf(module.text)
			const answers: Answer[] = []
			const ids = [...new Set(applianceIds)]
			for (let at = 0; at < ids.length; at += AT_ONCE)
				answers.push(
					...(await Promise.all(ids.slice(at, at + AT_ONCE).map((id) => ask(id, destinations.asked, signal)))),
				)
			return makeComparison(module, destinations, answers)
		},
		async compareFile({ folder, applianceId, target, destination }, signal) {
			const { sources } = await library.open(folder)
			const isThere = sources.some((source) => source.target === target)
			const source = isThere ? await library.readSource(folder, target) : undefined
			return runners.withRunner(reach(applianceId), look(signal), (port) => compareFile(port, destination, source))
		},
		close: runners.close,
	}
}
