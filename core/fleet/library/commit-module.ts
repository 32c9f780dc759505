import { readlink } from "node:fs/promises"
import { FailureError } from "../../schema/failure.ts"
import { SIGNATURE_FILE } from "../../schema/module-statement.ts"
import { requireGoing } from "../services/waiting.ts"
import type { Content, ContentFile } from "./content.ts"
import { type IndexEntry, makeEntry, makeIndex } from "./git/index-file.ts"
import type { Commit, Objects } from "./git/objects.ts"
import { pathIn, type Repository } from "./git/repository.ts"
import { makeTree, makeTrees, oidOf, type TreeEntry, type TreeFile } from "./git/tree.ts"
import type { createObjectWriter } from "./git/write-object.ts"
import { signatureOf } from "./published-versions.ts"

/** Files written at once. */
const AT_ONCE = 8

type Writer = ReturnType<typeof createObjectWriter>

export interface CommitRequest {
	content: Content
	parent?: string
	author: { name: string; email: string }
	at: Date
	message: string
}

/**
 * Writes a commit that differs from its parent in the module's files only; no ref leads to it yet. Every file must be
 * what it was when `content` was read; `changed-meanwhile` otherwise.
 */
export async function writeModuleCommit(
	{ repository, objects, writer }: { repository: Repository; objects: Objects; writer: Writer },
	{ content, parent, author, at, message }: CommitRequest,
): Promise<Commit> {
	await writeContents(writer, content.files)
	const base = parent === undefined ? undefined : (await objects.readCommit(parent)).tree
	const tree = await graft(objects, writer, base, repository.prefix.split("/").filter(Boolean), content.files)
	const who = { ...author, timestamp: Math.floor(at.getTime() / 1000), timezoneOffset: 0 }
	const head = [`tree ${tree}`, ...(parent === undefined ? [] : [`parent ${parent}`])]
	const lines = [...head, `author ${signatureOf(who)}`, `committer ${signatureOf(who)}`]
	const oid = await writer.write("commit", Buffer.from(`${lines.join("\n")}\n\n${message}`))
	await writer.sync()
	const parents = parent === undefined ? [] : [parent]
	return { oid, tree, parents, author: who, committer: who, message }
}

/** Writes files as objects, those that are missing; stopped between two of them, it leaves what git itself clears away. */
export async function writeContents(
	writer: Writer,
	files: ReadonlyMap<string, ContentFile>,
	signal?: AbortSignal,
): Promise<void> {
	const queue = files.values()
	const writeRest = async () => {
		for (const file of queue) {
			requireGoing(signal, "publishing")
			await writeContentFile(writer, file)
		}
	}
	await Promise.all(Array.from({ length: AT_ONCE }, writeRest))
}

async function writeContentFile(writer: Writer, { path, mode, oid, size }: ContentFile): Promise<void> {
	if (mode !== "120000") return writer.writeFile(path, oid, size)
	const to = await readlink(path, { encoding: "buffer" })
	if (oidOf("blob", to) !== oid) throw new FailureError("changed-meanwhile", { path })
	await writer.write("blob", to)
}

/** The tree with the module's files put in at `folders`, everything else as it was. */
async function graft(
	objects: Objects,
	writer: Writer,
	base: string | undefined,
	folders: string[],
	files: ReadonlyMap<string, TreeFile>,
): Promise<string> {
	const entries = base === undefined ? [] : await objects.readTree(base)
	const [folder, ...rest] = folders
	const own = folder === undefined ? await moduleEntries(writer, files) : []
	if (folder !== undefined) {
		const inner = entries.find(({ path, mode }) => path === folder && mode === "40000")
		own.push({ path: folder, mode: "40000", oid: await graft(objects, writer, inner?.oid, rest, files) })
	}
	const replaced = new Set(folder === undefined ? [...own.map(({ path }) => path), "src", SIGNATURE_FILE] : [folder])
	return writer.write("tree", makeTree([...entries.filter(({ path }) => !replaced.has(path)), ...own]).bytes)
}

async function moduleEntries(writer: Writer, files: ReadonlyMap<string, TreeFile>): Promise<TreeEntry[]> {
	const top: TreeEntry[] = []
	const below = new Map<string, TreeFile>()
	for (const [path, { mode, oid }] of files) {
		if (path.startsWith("src/")) below.set(path.slice(4), { mode, oid })
		else top.push({ path, mode, oid })
	}
	if (below.size === 0) return top
	const trees = makeTrees(below)
	for (const { bytes } of trees) await writer.write("tree", bytes)
	return [...top, { path: "src", mode: "40000", oid: trees.at(-1)?.oid ?? "" }]
}

/** git's index with the module's files as they were committed; what is staged elsewhere stays as it is. */
export function updateIndex(repository: Repository, entries: IndexEntry[], files: ReadonlyMap<string, ContentFile>) {
	const fresh = [...files].map(([path, { mode, oid, found }]) => makeEntry(pathIn(repository, path), mode, oid, found))
	const replaced = new Set([...fresh.map(({ path }) => path), pathIn(repository, SIGNATURE_FILE)])
	const source = `${pathIn(repository, "src")}/`
	const kept = entries.filter(({ path }) => !replaced.has(path) && !path.startsWith(source))
	return makeIndex([...kept, ...fresh])
}

/**
 * Paths of the module for which something is staged that is neither in the last commit nor in the working file: to
 * publish would lose it.
 */
export function findStaged(
	repository: Repository,
	entries: IndexEntry[],
	committed: ReadonlyMap<string, TreeFile>,
	files: ReadonlyMap<string, TreeFile>,
): string[] {
	const start = repository.prefix === "" ? 0 : repository.prefix.length + 1
	const isOurs = (path: string) =>
		path === pathIn(repository, "index.json") || path.startsWith(pathIn(repository, "src/"))
	const own = entries.filter(({ path }) => isOurs(path)).map(({ path, oid }) => ({ path: path.slice(start), oid }))
	return own
		.filter(({ path, oid }) => oid !== committed.get(path)?.oid && oid !== files.get(path)?.oid)
		.map(({ path }) => path)
}
