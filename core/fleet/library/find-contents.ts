import { MAX_INDEX_BYTES, readIndexFile } from "../../folder/read-index-file.ts"
import { normalTarget } from "../../schema/manifest.ts"
import type { Module } from "../../schema/module.ts"
import { readIndex } from "../../schema/module-index.ts"
import { MAX_DIFF_BYTES, readDiffText } from "../../schema/unified-diff.ts"
import { digestOf } from "../digest.ts"
import type { TreeFile } from "./git/tree.ts"
import { findPlace, type LibraryDeps, type ModulePlace } from "./module-place.ts"
import { filesOf, readVersions } from "./published-versions.ts"
import { sourceName } from "./source-name.ts"
import { readSource } from "./sources.ts"
import { unlessUnreadable } from "./unless-unreadable.ts"

/** Published versions that are looked through, the highest first. */
const VERSIONS_SEARCHED = 50

export interface ContentRequest {
	folder: string
	destination: string
	/** Of the contents that are looked for. */
	digests: string[]
}

/** A source as it lies in the module; without `text` where it is none, or too long to be shown. */
export type FoundContent = Awaited<ReturnType<typeof readWorking>>[number]

/**
 * Contents that a module has, or once published, for a destination, by digest. A module that cannot be read has none: what
 * is wrong with it is said where it is opened.
 */
export async function findContents(
	deps: LibraryDeps,
	{ folder, destination, digests }: ContentRequest,
): Promise<FoundContent[]> {
	const found = new Map<string, FoundContent>()
	const keep = (contents: FoundContent[]) => {
		for (const one of contents) if (digests.includes(one.digest)) found.set(one.digest, one)
	}
	const isComplete = () => found.size === new Set(digests).size
	await unlessUnreadable(async () => keep(await readWorking(folder, destination)))
	await unlessUnreadable(async () => {
		if (isComplete()) return
		for await (const contents of readPublished(deps, await findPlace(folder), destination)) {
			keep(contents)
			if (isComplete()) break
		}
	})
	return [...found.values()]
}

async function readWorking(folder: string, destination: string) {
	const { module } = await readIndexFile(folder, { advice: false })
	const sources = await Promise.all(targetsFor(module, destination).map((target) => readSource(folder, target)))
	return sources.map(({ digest, size, text }) => ({
		digest,
		size,
		...(text !== undefined && size <= MAX_DIFF_BYTES && { text }),
	}))
}

/** One version after the other; a file that is the same in several is read once, and what is damaged is passed over. */
async function* readPublished(deps: LibraryDeps, { repository, objects, ...place }: ModulePlace, destination: string) {
	if (!repository || !objects) return
	const { versions } = await readVersions({ ...place, repository, objects, store: deps.store })
	const seen = new Set<string>()
	for (const { commit } of versions.slice(0, VERSIONS_SEARCHED)) {
		const sources = await unlessUnreadable(() => sourcesIn({ repository, objects }, commit, destination))
		const fresh = (sources ?? []).filter(({ mode, oid }) => mode !== "120000" && !seen.has(oid))
		for (const { oid } of fresh) seen.add(oid)
		const read = ({ oid }: TreeFile) => unlessUnreadable(async () => contentOf(await objects.readBlob(oid)))
		yield (await Promise.all(fresh.map(read))).flatMap((content) => content ?? [])
	}
}

async function sourcesIn(
	{ repository, objects }: Required<Pick<ModulePlace, "repository" | "objects">>,
	commit: string,
	destination: string,
): Promise<TreeFile[]> {
	const files = await filesOf({ repository, objects }, commit)
	const index = files.get("index.json")
	if (!index) return []
	const { module } = readIndex(new TextDecoder().decode(await objects.readBlob(index.oid, MAX_INDEX_BYTES)))
	return targetsFor(module, destination).flatMap((target) => files.get(sourceName(target)) ?? [])
}

function contentOf(bytes: Uint8Array): FoundContent {
	const text = bytes.length > MAX_DIFF_BYTES ? undefined : readDiffText(bytes)
	return { digest: digestOf(bytes), size: bytes.length, ...(text !== undefined && { text }) }
}

function targetsFor(module: Module | undefined, destination: string): string[] {
	const operations = module?.pools.flatMap((pool) => pool.operations) ?? []
	const targets = operations.filter((one) => one.destination === destination).map(({ target }) => normalTarget(target))
	return [...new Set(targets)]
}
