import { type Failure, FailureError } from "../../schema/failure.ts"
import type { ModuleStanding, PublishedVersion, WorkingState } from "../../schema/library.ts"
import { readContent } from "./content.ts"
import { codeOf } from "./files/disk-failure.ts"
import type { Objects } from "./git/objects.ts"
import { readHead } from "./git/refs.ts"
import type { Repository } from "./git/repository.ts"
import { findProblem } from "./git/repository-problem.ts"
import { findPlace, type LibraryDeps, type ModulePlace } from "./module-place.ts"
import { type KnownVersion, type ReadVersions, readVersions } from "./published-versions.ts"
import { parseVersionMessage } from "./version-tag.ts"

/** How a module stands to what was published of it; whatever is wrong with its repository is said, never thrown. */
export interface Standing {
	standing: ModuleStanding
	versions: KnownVersion[]
}

/** Reads it anew: tags, records, and the names of the working files. */
export async function readStanding(deps: LibraryDeps, folder: string): Promise<Standing> {
	const { place, failure } = await tryPlace(folder)
	if (!place?.repository || !place.objects) {
		const repository = failure ? { state: "unusable" as const, problem: failure } : { state: "none" as const }
		const problems = failure ? [failure] : []
		return { standing: { working: { state: "never-published" }, repository, problems }, versions: [] }
	}
	const { repository, objects } = place
	const problem = await findProblem(repository)
	const { versions, problems } = await tryVersions(deps, { ...place, repository, objects })
	const working = await compareWorking(deps, place.folder, versions)
	const [highest] = versions
	return {
		versions,
		standing: {
			working: working.state,
			...(highest && { published: await describeVersion(objects, highest) }),
			repository: {
				state: problem ? "unusable" : "sound",
				root: repository.root,
				prefix: repository.prefix,
				...(await branchOf(repository)),
				...(problem && { problem }),
			},
			problems: [...(problem ? [problem] : []), ...(working.problem ? [working.problem] : []), ...problems],
		},
	}
}

async function tryPlace(folder: string): Promise<{ place?: ModulePlace; failure?: Failure }> {
	try {
		return { place: await findPlace(folder) }
	} catch (error) {
		return { failure: failureIn(error, "repository-unusable") }
	}
}

async function tryVersions(deps: LibraryDeps, place: Required<ModulePlace>): Promise<ReadVersions> {
	try {
		return await readVersions({ ...place, store: deps.store })
	} catch (error) {
		return { versions: [], problems: [failureIn(error, "repository-unusable")] }
	}
}

/** A failure that may happen here; anything else goes on up. */
function failureIn(error: unknown, code: Failure["code"]): Failure {
	if (error instanceof FailureError && error.failure.code === code) return error.failure
	if (codeOf(error) === "EACCES") return { code: "not-permitted", data: { path: "the module's git repository" } }
	throw error
}

async function branchOf(repository: Repository): Promise<{ branch?: string }> {
	try {
		const { branch } = await readHead(repository)
		return branch === undefined ? {} : { branch }
	} catch {
		return {} // `findProblem` has said what is wrong.
	}
}

/** Content that cannot be kept by git differs from everything that was published. */
export async function compareWorking(
	deps: LibraryDeps,
	folder: string,
	versions: KnownVersion[],
): Promise<{ state: WorkingState; problem?: Failure }> {
	const other: WorkingState = versions.length > 0 ? { state: "changed" } : { state: "never-published" }
	try {
		const { id } = await readContent(folder, deps.cache)
		const same = versions.find(({ content }) => content === id)
		return { state: same ? { state: "published", version: same.version } : other }
	} catch (error) {
		if (error instanceof FailureError) return { state: other, problem: error.failure }
		throw error
	}
}

/** A version as people see it: with who published it and what was noted. */
export async function describeVersion(objects: Objects, version: KnownVersion): Promise<PublishedVersion> {
	const { content: _, digest: __, ...shown } = version
	try {
		const { author, message } = await objects.readCommit(version.commit)
		const note = parseVersionMessage(message)?.note
		return { ...shown, author: `${author.name} <${author.email}>`, ...(note && { message: note }) }
	} catch (error) {
		if (error instanceof FailureError) return { ...shown, state: "unreadable" }
		throw error
	}
}
