import { hashOpen } from "../../engine/disk/content.ts"
import { codeOf } from "../../engine/disk/disk-error.ts"
import { folderOf, join, nameOf } from "../../engine/disk/path.ts"
import type { EngineOptions } from "../../engine/engine.ts"
import type { Host } from "../../engine/host.ts"
import { makeLayout } from "../../engine/layout.ts"
import { type EngineState, own } from "../../engine/state/state.ts"
import { readState } from "../../engine/state/state-file.ts"
import { checkStateFolder } from "../../engine/state/state-folder.ts"
import {
	type AppliedFile,
	MAX_FETCHED_BYTES,
	type SeenDestination,
	type StandingFile,
} from "../../schema/appliance-files.ts"
import { readAccounts } from "./accounts.ts"
import { factsOf } from "./facts.ts"
import { fileFailure } from "./file-failure.ts"
import { withRegularFile } from "./open-regular.ts"
import { findContent } from "./read-file.ts"

/** Bytes that one call reads for digests; files behind that have none. */
const MAX_HASHED_BYTES = 10 * MAX_FETCHED_BYTES

/** Each destination as it stands, and what a pool of ours wrote there last. */
export async function statFiles(
	host: Host,
	options: EngineOptions,
	destinations: string[],
): Promise<SeenDestination[]> {
	const state = await readOurs(host, options)
	const budget = { left: MAX_HASHED_BYTES }
	const seen: SeenDestination[] = []
	for (const destination of destinations) {
		const now = await standing(host, destination, budget)
		const applied = state && (await appliedAt(host, options, state, destination))
		seen.push({ destination, now, ...(applied && { applied }) })
	}
	return seen
}

async function readOurs(host: Host, options: EngineOptions): Promise<EngineState | undefined> {
	const layout = makeLayout(options.stateFolder)
	if (!(await checkStateFolder(host, layout))) return undefined
	return (await readState(host, layout)).state
}

async function standing(host: Host, path: string, budget: { left: number }): Promise<StandingFile> {
	try {
		return await withRegularFile(host, path, async ({ file, stat, realPath }) => {
			const isHashed = stat.size <= MAX_FETCHED_BYTES && stat.size <= budget.left
			if (isHashed) budget.left -= stat.size
			const content = isHashed ? await hashOpen(host, file) : undefined
			const facts = factsOf(stat, (await readAccounts(host, [stat]))(stat))
			return { state: "file", ...facts, realPath, ...(content && { digest: content.digest }) }
		})
	} catch (error) {
		const code = codeOf(error)
		if (code === "ENOENT" || code === "ENOTDIR") return { state: "absent" }
		const { failure } = fileFailure(error, path)
		return failure.code === "not-found" ? { state: "absent" } : { state: "refused", failure }
	}
}

async function appliedAt(
	host: Host,
	options: EngineOptions,
	state: EngineState,
	destination: string,
): Promise<AppliedFile | undefined> {
	const written = own(state.files, await writtenPath(host, destination))
	if (!written) return undefined
	return { ...written, isKept: (await findContent(host, options, written.digest)) !== undefined }
}

/** Our record names files by their path without links; one that is gone, by its folder's. */
async function writtenPath(host: Host, destination: string): Promise<string> {
	try {
		return await host.disk.realPath(destination)
	} catch {
		// Whatever is wrong with it is told of the file as it stands.
		const folder = await host.disk.realPath(folderOf(destination)).catch(() => folderOf(destination))
		return join(folder, nameOf(destination))
	}
}
