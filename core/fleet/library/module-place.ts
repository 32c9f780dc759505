import { realpath } from "node:fs/promises"
import { moduleName } from "../../folder/module-name.ts"
import { FailureError } from "../../schema/failure.ts"
import type { LibraryStore } from "../store/library-store.ts"
import type { ContentCache } from "./content.ts"
import { isMissing } from "./files/disk-failure.ts"
import { type Objects, openObjects } from "./git/objects.ts"
import { findRepository, type Repository } from "./git/repository.ts"
import type { Signer } from "./signature.ts"
import type { ReadTraits } from "./traits.ts"
import type { createTurns } from "./turns.ts"

/** What every part of the library needs. */
export interface LibraryDeps {
	store: LibraryStore
	/** Does something short while no other program on the same data folder does the like. */
	exclusively<T>(work: () => T): T
	/** One change at a time in each folder. */
	turns: ReturnType<typeof createTurns>
	cache: ContentCache
	readTraits: ReadTraits
	now(): Date
	signer: Signer
}

/** A module folder, and the repository that keeps it. */
export interface ModulePlace {
	/** Real path. */
	folder: string
	name: string
	repository?: Repository
	objects?: Objects
}

/** Fails with `module-unreadable` for a folder that is not there, and with `repository-unusable`. */
export async function findPlace(folder: string): Promise<ModulePlace> {
	const real = await findFolder(folder)
	const repository = await findRepository(real)
	return {
		folder: real,
		name: moduleName(real),
		...(repository && { repository, objects: openObjects(repository) }),
	}
}

/** The real path of a folder that is there. */
export async function findFolder(folder: string): Promise<string> {
	const real = await realpath(folder).catch(isMissing)
	if (real !== undefined) return real
	throw new FailureError("module-unreadable", { path: folder, reason: "missing" })
}

/** A place that has a repository; fails with `version-unknown` where nothing can have been published. */
export function requireRepository(place: ModulePlace, version: string): Required<ModulePlace> {
	const { repository, objects } = place
	if (repository && objects) return { ...place, repository, objects }
	throw new FailureError("version-unknown", { module: place.name, version })
}
