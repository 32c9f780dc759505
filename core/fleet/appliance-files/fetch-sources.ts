import { createHash } from "node:crypto"
import type { FilePiece } from "../../protocol/file-calls.ts"
import type { RunnerPort } from "../../protocol/runner-port.ts"
import type { FetchResult } from "../../schema/appliance-compare.ts"
import { FailureError } from "../../schema/failure.ts"
import type { SourceResult } from "../../schema/library.ts"
import type { LibraryService } from "../library/types.ts"
import { failureOf } from "../services/failure-of.ts"
import { requireGoing } from "../services/waiting.ts"
import { targetOf } from "./compare.ts"
import { fetchFile } from "./fetch-content.ts"

export interface FetchedFile {
	path: string
	target?: string | undefined
	replaces?: string | undefined
	/** The content that a person saw and chose: any other one is no source. */
	digest?: string | undefined
}

/** Brings a file into `src/`. What fails with one is its own result, except a lost connection and an end that was asked for. */
export async function fetchSource(
	port: RunnerPort,
	library: Pick<LibraryService, "put" | "addSources" | "dropUploads">,
	folder: string,
	{ path, target = targetOf(path), replaces, digest }: FetchedFile,
	signal?: AbortSignal,
): Promise<FetchResult> {
	let upload: string | undefined
	try {
		const hash = createHash("sha256")
		const facts = await fetchFile(port, path, async (piece) => {
			requireGoing(signal, "the fetch")
			hash.update(piece)
			upload = (await library.put(upload, piece)).upload
		})
		if (digest !== undefined && hash.digest("hex") !== digest) throw new FailureError("changed-meanwhile", { path })
		requireGoing(signal, "the fetch")
		const isExecutable = (facts.mode & 0o100) !== 0
		const from = { kind: "upload" as const, upload: upload ?? "" }
		const result = await addOne(library, folder, { target, from, replaces, isExecutable })
		const isLink = facts.realPath !== path
		const operation = { target, destination: path, permissions: permissionsOf(facts) }
		return {
			...{ path, ...(isLink && { realPath: facts.realPath }), result },
			...(result.state === "done" && { operation }),
		}
	} catch (error) {
		const failure = failureOf(error)
		if (failure.code === "connection-lost" || signal?.aborted) throw error
		return { path, result: { state: "failed", target, failure } }
	} finally {
		// What has arrived of a file that did not become a source; what stays after all goes when the program ends.
		if (upload !== undefined) await library.dropUploads([upload]).catch(() => undefined)
	}
}

type NewSource = Parameters<LibraryService["addSources"]>[1][number]

async function addOne(
	library: Pick<LibraryService, "addSources">,
	folder: string,
	source: NewSource,
): Promise<SourceResult> {
	for await (const { results } of library.addSources(folder, [source])) if (results[0]) return results[0]
	throw new Error(`cannot add ${source.target}: the library said nothing of it`)
}

/** As `index.json` has them; an account without a name goes by its number. */
export function permissionsOf({ owner, group, uid, gid, mode }: FilePiece) {
	return { owner: owner ?? String(uid), group: group ?? String(gid), mode: mode.toString(8).padStart(4, "0") }
}
