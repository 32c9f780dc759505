import fs, { createReadStream } from "node:fs"
import { stat } from "node:fs/promises"
import { join } from "node:path"
import { pipeline } from "node:stream/promises"
import { createInflate } from "node:zlib"
import git from "isomorphic-git"
import { FailureError } from "../../../schema/failure.ts"
import { codeOf, isMissing } from "../files/disk-failure.ts"
import { TOO_LARGE_BYTES } from "../publish-findings.ts"
import { findBadName } from "./entry-name.ts"
import { requirePlain } from "./own-repository.ts"
import type { Repository } from "./repository.ts"
import type { TreeEntry, TreeFile } from "./tree.ts"
import { createTreeMeter, tooLarge } from "./tree-limits.ts"

/** Of a tree, commit or tag, bytes. */
const MAX_BYTES = 16 * 1024 * 1024
/** No deflated byte becomes more (zlib's own documentation). */
const MAX_RATIO = 1032
/** Kind and length before a loose object's content. */
const HEAD_BYTES = 32

export interface Commit {
	oid: string
	tree: string
	parents: string[]
	author: { name: string; email: string; timestamp: number; timezoneOffset: number }
	committer: Commit["author"]
	message: string
}

export type Objects = ReturnType<typeof openObjects>

/**
 * Reads a repository's objects, loose ones and packs. What is missing, damaged or larger than it may be fails with
 * `repository-unusable`.
 */
export function openObjects(repository: Repository) {
	const { commonDir } = repository
	const options = { fs, gitdir: commonDir, cache: {} }
	const guarded = <T>(oid: string, work: () => Promise<T>, limit = MAX_BYTES): Promise<T> =>
		guard(repository, async () => {
			await requireWithin(commonDir, oid, limit)
			return work()
		})

	const readTree = (oid: string): Promise<TreeEntry[]> =>
		guarded(oid, async () => {
			const { tree } = await git.readTree({ ...options, oid })
			return tree.map(({ mode, path, oid }) => ({ mode: mode.replace(/^0+/, ""), path: checkName(path), oid }))
		})

	return {
		readTree,
		/** `limit`: bytes that it may have. */
		readBlob: (oid: string, limit = TOO_LARGE_BYTES): Promise<Uint8Array> =>
			guarded(
				oid,
				async () => {
					const { blob } = await git.readBlob({ ...options, oid })
					if (blob.length > limit) throw tooLarge(commonDir)
					return blob
				},
				limit,
			),
		readCommit: (oid: string): Promise<Commit> =>
			guarded(oid, async () => {
				const { commit } = await git.readCommit({ ...options, oid })
				const { tree, parent, author, committer, message } = commit
				return { oid, tree, parents: parent, author, committer, message }
			}),
		has: (oid: string): Promise<boolean> =>
			guarded(oid, () =>
				git.readObject({ ...options, oid, format: "content" }).then(
					() => true,
					(error) => {
						if (codeOf(error) === "NotFoundError") return false
						throw error
					},
				),
			),
		/** The commit that a tag leads to, directly or through tag objects. */
		peel: (oid: string): Promise<string> =>
			guarded(oid, async () => {
				let at = oid
				for (let depth = 0; depth < 5; depth++) {
					await requireWithin(commonDir, at, MAX_BYTES)
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
			const trees = new Map<string, TreeEntry[]>()
			const count = createTreeMeter(commonDir)
			const list = async (tree: string, prefix: string): Promise<void> => {
				const entries = trees.get(tree) ?? (await readTree(tree))
				trees.set(tree, entries)
				for (const { mode, path, oid } of entries) {
					count(prefix + path)
					if (mode === "40000") await list(oid, `${prefix}${path}/`)
					else if (mode === "120000") into.set(prefix + path, { mode, oid })
					else if (mode !== "160000") into.set(prefix + path, { mode: mode === "100755" ? mode : "100644", oid })
				}
			}
			await list(tree, prefix)
			return into
		},
	}
}

/**
 * An object's name must be one, not a path that a commit says; a loose object may lie behind no link and be no device, and become no larger. One in a
 * pack is known by its length only once it was read.
 */
async function requireWithin(commonDir: string, oid: string, limit: number): Promise<void> {
	if (!/^[0-9a-f]{40}$/.test(oid)) throw new Error(`it names ${JSON.stringify(oid.slice(0, 80))}`)
	const name = `objects/${oid.slice(0, 2)}/${oid.slice(2)}`
	const path = join(commonDir, name)
	const found = await requirePlain(commonDir, name)
	if (!found) return
	if (!found.isFile()) throw new Error(`${path} is no regular file`)
	if (found.size * MAX_RATIO <= limit) return
	let size = 0
	await pipeline(createReadStream(path), createInflate(), async (pieces: AsyncIterable<Buffer>) => {
		for await (const piece of pieces) {
			size += piece.length
			if (size > limit + HEAD_BYTES) throw tooLarge(commonDir)
		}
	})
}

/** A hostile repository may name anything; these would lead out of the folder or into git's own. */
function checkName(name: string): string {
	if (findBadName(name)) throw new Error(`it names ${JSON.stringify(name.slice(0, 80))}`)
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
