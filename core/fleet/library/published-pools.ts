import { MAX_INDEX_BYTES } from "../../folder/read-index-file.ts"
import { FailureError } from "../../schema/failure.ts"
import { readIndex } from "../../schema/module-index.ts"
import type { ModulePlace } from "./module-place.ts"
import { filesOf, type KnownVersion } from "./published-versions.ts"

/** The ids of a published version's enabled pools; undefined where the repository lacks it, or it is damaged. */
export async function readEnabledPools(
	{ repository, objects }: ModulePlace,
	{ commit }: Pick<KnownVersion, "commit">,
): Promise<string[] | undefined> {
	if (!repository || !objects) return undefined
	try {
		const index = (await filesOf({ repository, objects }, commit)).get("index.json")
		if (!index) return undefined
		const { module } = readIndex(new TextDecoder().decode(await objects.readBlob(index.oid, MAX_INDEX_BYTES)))
		return module?.pools.filter(({ enabled }) => enabled).map(({ id }) => id)
	} catch (error) {
		// What is wrong with the repository is said with its versions.
		if (error instanceof FailureError) return undefined
		throw error
	}
}
