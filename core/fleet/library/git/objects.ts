import fs from "node:fs"
import { stat } from "node:fs/promises"
import { join } from "node:path"
import git from "isomorphic-git"
import { FailureError } from "../../../schema/failure.ts"
import { codeOf, isMissing } from "../files/disk-failure.ts"
import type { Repository } from "./repository.ts"
import type { TreeEntry, TreeFile } from "./tree.ts"

export interface Commit {
	oid: string
	tree: string
	parents: string[]
	author: { name: string; email: string; timestamp: number; timezoneOffset: number }
	committer: Commit["author"]
	message: string
}

export type Objects = ReturnType<typeof openObjects>

/** Reads a repository's objects, loose ones and packs. What is missing or damaged fails with `repository-unusable`. */
export function openObjects(repository: Repository) {
	const options = { fs, gitdir: repository.commonDir, cache: {} }
	const guarded = <T>(work: () => Promise<T>): Promise<T> => guard(repository, work)

	const readTree = (oid: string): Promise<TreeEntry[]> =>
		guarded(async () => {
			const { tree } = await git.readTree({ ...options, oid })
			return tree.map(({ mode, path, oid }) => ({ mode: mode.replace(/^0+/, ""), path: checkName(path), oid }))
		})

	return {
		readTree,
		readBlob: (oid: string): Promise<Uint8Array> => guarded(async () => (await git.readBlob({ ...options, oid })).blob),
		readCommit: (oid: string): Promise<Commit> =>
			guarded(async () => {
				const { commit } = await git.readCommit({ ...options, oid })
				const { tree, parent, author, committer, message } = commit
				return { oid, tree, parents: parent, author, committer, message }
			}),
		has: (oid: string): Promise<boolean> =>
			git.readObject({ ...options, oid, format: "content" }).then(
				() => true,
				(error) => {
					if (codeOf(error) === "NotFoundError") return false
					throw error
				},
			),
		/** The commit that a tag leads to, directly or through tag objects. */
		peel: (oid: string): Promise<string> =>
			guarded(async () => {
				let at = oid
				for (let depth = 0; depth < 5; depth++) {
					const { type, object } = await git.readObject({ ...options, oid: at, format: "content" })
					if (type === "commit") return at
					const next = /^object ([0-9a-f]{40})\ntype (?:commit|tag)\n/.exec(
						Buffer.from(object as Uint8Array).toString(),
					)
					if (type !== "tag" || !next?.[1]) break
					at = next[1]
				}
				throw new Error("it leads to no commit")
			}),
		/** What lies at a path of a tree; undefined for nothing. */
		async find(tree: string, path: string): Promise<TreeEntry | undefined> {
			let at: TreeEntry = { mode: "40000", path: "", oid: tree }
			for (const name of path.split("/").filter(Boolean)) {
				const next = at.mode === "40000" ? (await readTree(at.oid)).find((entry) => entry.path === name) : undefined
				if (!next) return undefined
				at = next
			}
			return at
		},
		/** Every file below a tree, by its path with `/`. What is no file or link (a submodule) is left out. */
		async listFiles(tree: string, into = new Map<string, TreeFile>(), prefix = ""): Promise<Map<string, TreeFile>> {
			for (const { mode, path, oid } of await readTree(tree)) {
				if (mode === "40000") await this.listFiles(oid, into, `${prefix}${path}/`)
				else if (mode === "120000") into.set(prefix + path, { mode, oid })
				else if (mode !== "160000") into.set(prefix + path, { mode: mode === "100755" ? mode : "100644", oid })
			}
			return into
		},
	}
}

/** A hostile repository may name anything; these would lead out of the folder or into git's own. */
function checkName(name: string): string {
	if (name === "" || name === "." || name === ".." || /[/\0\ufffd]/.test(name) || /^\.git$/i.test(name))
		throw new Error(`it names ${JSON.stringify(name.slice(0, 80))}`)
	return name
}

async function guard<T>({ commonDir }: Repository, work: () => Promise<T>): Promise<T> {
	try {
		return await work()
	} catch (error) {
		if (error instanceof FailureError || /^E[A-Z]+$/.test(codeOf(error))) throw error
		const isShallow = (await stat(join(commonDir, "shallow")).catch(isMissing)) !== undefined
		const isAbsent = codeOf(error) === "NotFoundError"
		const reason = isShallow && isAbsent ? "shallow" : "damaged"
		const output = error instanceof Error ? (error.message.split("\n")[0] ?? "").slice(0, 200) : ""
		throw new FailureError("repository-unusable", { path: commonDir, reason, output }, { cause: error })
	}
}
