import { FailureError } from "../../schema/failure.ts"
import { readContent } from "./content.ts"
import { committedSide, type Side, workingSide } from "./diff-contents.ts"
import { readRef } from "./git/refs.ts"
import { type LibraryDeps, type ModulePlace, requireRepository } from "./module-place.ts"
import { filesOf, type KnownVersion, readVersions } from "./published-versions.ts"

/** Where states are kept that a checkout would have overwritten; never pushed unless somebody asks git to. */
export const KEPT_REFS = "refs/hotfix/kept"

/** The commit of a version by its name: a published one, or `kept/...`. Fails with `version-unknown`. */
export async function findVersion(
	deps: LibraryDeps,
	place: ModulePlace,
	name: string,
): Promise<{ commit: string; known?: KnownVersion }> {
	const found = requireRepository(place, name)
	if (name.startsWith("kept/")) {
		const commit = /^kept\/[0-9TZ-]+$/.test(name)
			? await readRef(found.repository, `${KEPT_REFS}/${name.slice("kept/".length)}`)
			: undefined
		if (commit !== undefined) return { commit }
	}
	const { versions } = await readVersions({ ...found, store: deps.store })
	const known = versions.find(({ version, tag }) => version === name || tag === name)
	if (known) return { commit: known.commit, known }
	throw new FailureError("version-unknown", {
		module: place.name,
		version: name,
		...(versions.length > 0 && { known: versions.slice(0, 20).map(({ version }) => version) }),
	})
}

/** One side of a difference: `working`, or a version by its name. */
export async function readSide(deps: LibraryDeps, place: ModulePlace, name: string): Promise<Side> {
	if (name === "working") return workingSide((await readContent(place.folder, deps.cache)).files)
	const { commit } = await findVersion(deps, place, name)
	const found = requireRepository(place, name)
	return committedSide(await filesOf(found, commit), found.objects)
}
