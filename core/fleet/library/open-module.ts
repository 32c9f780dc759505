import type { DigestCache } from "../../folder/digest-sources.ts"
import { readModuleFolder } from "../../folder/read-module-folder.ts"
import { FailureError } from "../../schema/failure.ts"
import type { LibraryOpened } from "../../schema/library.ts"
import { digestOf } from "../digest.ts"
import type { Drafts } from "./drafts.ts"
import { removeLeftOvers } from "./files/atomic-file.ts"
import { codeOf } from "./files/disk-failure.ts"
import { removeDeadLock } from "./git/index-lock.ts"
import { findFolder, findPlace, type LibraryDeps } from "./module-place.ts"
import { mendTags } from "./published-versions.ts"
import { readStanding } from "./standing.ts"

export interface OpenDeps extends LibraryDeps {
	drafts: Drafts
	digests: DigestCache
	log(line: string): void
}

/** A module for an editor, as it is just now. Fails with `module-unreadable`. */
export async function readOpened(deps: OpenDeps, given: string): Promise<LibraryOpened> {
	const folder = await findFolder(given)
	const { manifest, sources, links, ...shown } = await readModuleFolder(folder, { digests: deps.digests })
	const { standing } = await readStanding(deps, folder)
	return {
		...shown,
		textDigest: digestOf(shown.text),
		sources: sources.map(({ target, size, digest, used, mode }) => ({
			...{ target, size, digest, used },
			isExecutable: (mode & 0o100) !== 0,
		})),
		...(links.length > 0 && { links }),
		...(manifest && { digest: manifest.digest }),
		isArchived: deps.store.folders().some((one) => one.folder === folder && one.isArchived),
		standing,
		drafts: await deps.drafts.list(folder),
	}
}

/** Clears up after programs that were killed: temporary files, a lock of ours, a version without its tag. */
export async function mendModule(deps: OpenDeps, given: string): Promise<void> {
	try {
		const place = await findPlace(given)
		await removeLeftOvers(place.folder)
		const { repository, objects } = place
		if (!repository || !objects) return
		await removeDeadLock(repository.gitDir)
		for (const tag of await mendTags({ ...place, repository, objects, store: deps.store }))
			deps.log(`${place.folder}: made the tag ${tag}, which was missing`)
	} catch (error) {
		// Opening goes on: what is wrong with the repository is said by its standing, and a folder may be read-only.
		if (!(error instanceof FailureError) && !/^E[A-Z]+$/.test(codeOf(error))) throw error
		deps.log(`${given}: cannot be mended: ${error instanceof Error ? error.message : error}`)
	}
}
