import { MAX_INDEX_BYTES } from "../../folder/read-index-file.ts"
import { normalTarget } from "../../schema/manifest.ts"
import { readIndex } from "../../schema/module-index.ts"
import { digestOf } from "../digest.ts"
import { findPlace, type LibraryDeps, type ModulePlace } from "./module-place.ts"
import { filesOf, type KnownVersion, readVersions } from "./published-versions.ts"
import { unlessUnreadable } from "./unless-unreadable.ts"

/** Newest versions whose contents are known again. */
const KNOWN_VERSIONS = 30

/** By destination, then by digest: the newest published version that writes this content there. */
export type PublishedContents = Map<string, Map<string, string>>

/**
 * What the published versions of a module write to these destinations; when stopped, what is known by then. A module without
 * a repository has published nothing, and what is damaged is not known: what is wrong with it is said with the versions.
 */
export async function readPublishedContents(
	deps: Pick<LibraryDeps, "store">,
	folder: string,
	destinations: ReadonlySet<string>,
	signal?: AbortSignal,
): Promise<PublishedContents> {
	const contents: PublishedContents = new Map()
	const place = await unlessUnreadable(() => findPlace(folder))
	if (!place?.repository || !place.objects) return contents
	const found = { ...place, repository: place.repository, objects: place.objects }
	const read = await unlessUnreadable(() => readVersions({ ...found, store: deps.store }))
	const digests = new Map<string, string | undefined>()
	for (const version of read?.versions.slice(0, KNOWN_VERSIONS) ?? []) {
		if (signal?.aborted) break
		for (const { destination, oid } of (await unlessUnreadable(() => writtenBy(found, version, destinations))) ?? []) {
			if (signal?.aborted) break
			if (!digests.has(oid)) digests.set(oid, await unlessUnreadable(() => digestOfBlob(found, oid)))
			const digest = digests.get(oid)
			if (digest === undefined) continue
			const known = contents.get(destination) ?? new Map<string, string>()
			if (!known.has(digest)) known.set(digest, version.version)
			contents.set(destination, known)
		}
	}
	return contents
}

async function writtenBy(
	{ repository, objects }: Required<ModulePlace>,
	{ commit }: KnownVersion,
	destinations: ReadonlySet<string>,
): Promise<{ destination: string; oid: string }[]> {
	const files = await filesOf({ repository, objects }, commit)
	const index = files.get("index.json")
	if (!index) return []
	const { module } = readIndex(new TextDecoder().decode(await objects.readBlob(index.oid, MAX_INDEX_BYTES)))
	return (module?.pools ?? [])
		.flatMap(({ operations }) => operations)
		.flatMap(({ target, destination }) => {
			const source = files.get(`src/${normalTarget(target)}`)
			// A link's blob is where it leads, not what is written.
			const isContent = source !== undefined && source.mode !== "120000"
			return isContent && destinations.has(destination) ? [{ destination, oid: source.oid }] : []
		})
}

async function digestOfBlob({ objects }: Required<ModulePlace>, oid: string): Promise<string> {
	return digestOf(await objects.readBlob(oid))
}
