import { stat } from "node:fs/promises"
import { join } from "node:path"
import { type Failure, FailureError } from "../../../schema/failure.ts"
import { isMissing } from "../files/disk-failure.ts"
import { readGitConfig } from "./git-config.ts"
import { readIndex } from "./index-file.ts"
import { requirePlain } from "./own-repository.ts"
import { isMidway, readHead } from "./refs.ts"
import type { Repository } from "./repository.ts"

/** Why nothing can be published from a repository just now; undefined when it can. */
export async function findProblem(repository: Repository): Promise<Failure | undefined> {
	const because = (reason: string): Failure => ({
		code: "repository-unusable",
		data: { path: repository.root, reason },
	})
	try {
		const format = await findUnknownFormat(repository)
		if (format) return because(format)
		if (await isMidway(repository)) return because("merging")
		const head = await readHead(repository)
		if (head.branch === undefined) return because("detached")
		await requirePlain(repository.commonDir, `logs/${head.ref}`)
		const { entries } = await readIndex(repository.gitDir)
		return entries.some(({ stage }) => stage > 0) ? because("conflict") : undefined
	} catch (error) {
		if (error instanceof FailureError) return error.failure
		throw error
	}
}

/** Formats that neither isomorphic-git nor we know; to go on would be to break something. */
async function findUnknownFormat({ commonDir }: Repository): Promise<string | undefined> {
	const config = await readGitConfig(join(commonDir, "config"))
	if ((config.get("extensions.objectformat") ?? "sha1").toLowerCase() !== "sha1") return "object-format"
	if ((config.get("extensions.refstorage") ?? "files").toLowerCase() !== "files") return "ref-format"
	const borrows = await stat(join(commonDir, "objects/info/alternates")).catch(isMissing)
	return borrows ? "alternates" : undefined
}
