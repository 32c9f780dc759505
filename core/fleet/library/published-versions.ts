import type { Failure } from "../../schema/failure.ts"
import { FailureError } from "../../schema/failure.ts"
import type { PublishedVersion } from "../../schema/library.ts"
import { compareVersions } from "../../schema/version.ts"
import type { LibraryStore, PublishedRecord } from "../store/library-store.ts"
import { contentIdOf } from "./content.ts"
import type { Commit, Objects } from "./git/objects.ts"
import { createRef, listRefs, readHead } from "./git/refs.ts"
import { pathIn, type Repository } from "./git/repository.ts"
import type { TreeFile } from "./git/tree.ts"
import { createObjectWriter } from "./git/write-object.ts"
import { parseVersionMessage, parseVersionTag } from "./version-tag.ts"

/** Commits that are looked through for a version whose tag was never made. */
const SEARCHED_COMMITS = 1000

/** A published version with what is needed to get at it. */
export interface KnownVersion extends Pick<PublishedVersion, "tag" | "version" | "date" | "commit" | "state"> {
	/** Absent where the repository lacks it. */
	content?: string
	digest?: string
}

export interface ReadVersions {
	/** Highest first. */
	versions: KnownVersion[]
	/** Tags that were moved or deleted, versions that the repository lacks. */
	problems: Failure[]
}

interface Deps {
	repository: Repository
	objects: Objects
	store: LibraryStore
	/** Real path: what records are kept under. */
	folder: string
	/** In a larger repository only tags of this name are the module's. */
	name: string
}

/**
 * What was published of a module: its tags, and what this desktop remembers of them. A version stays the commit that it
 * was when it was first seen, whatever becomes of its tag.
 */
export async function readVersions({ repository, objects, store, folder, name }: Deps): Promise<ReadVersions> {
	const tags = await listRefs(repository, "refs/tags")
	const records = await recordsOf({ repository, objects, store, folder, name }, tags)
	const problems: Failure[] = []
	const versions: KnownVersion[] = []
	for (const tag of new Set([...tags.keys(), ...records.keys()])) {
		const parsed = parseVersionTag(tag)
		if (!parsed || (repository.prefix !== "" && parsed.module !== name && !records.has(tag))) continue
		const seen = await seeTag(tag, tags.get(tag), records.get(tag), { repository, objects, store, folder, name })
		if (seen.problem) problems.push(seen.problem)
		if (seen.version) versions.push({ tag, version: parsed.version, date: parsed.date, ...seen.version })
	}
	return { versions: versions.sort(highestFirst), problems }
}

/** Another repository may lie in the folder by now: when nothing that was seen is there any more, it is forgotten. */
async function recordsOf({ objects, store, folder }: Deps, tags: Map<string, string>) {
	const records = store.published(folder)
	if (records.length > 0 && !records.some(({ tag }) => tags.has(tag))) {
		const found = await Promise.all(records.map(({ commit }) => objects.has(commit)))
		if (!found.includes(true)) {
			store.forgetPublished(folder)
			return new Map<string, PublishedRecord>()
		}
	}
	return new Map(records.map((record) => [record.tag, record]))
}

function highestFirst(a: KnownVersion, b: KnownVersion): number {
	return compareVersions(b.version, a.version) || (a.date < b.date ? 1 : -1)
}

type Seen = { version?: Pick<KnownVersion, "commit" | "state" | "content" | "digest">; problem?: Failure }

async function seeTag(
	tag: string,
	target: string | undefined,
	record: PublishedRecord | undefined,
	deps: Deps,
): Promise<Seen> {
	const id = { id: tag, version: parseVersionTag(tag)?.version ?? "" }
	if (record && target === record.target) return { version: fromRecord(record, "sound") }
	if (record && target === undefined)
		return { version: fromRecord(record, "tag-deleted"), problem: tagChanged({ ...id, reason: "deleted" }) }
	try {
		const commit = await deps.objects.peel(target ?? "")
		if (record && record.commit !== commit)
			return {
				version: fromRecord(record, "tag-moved"),
				problem: tagChanged({ ...id, reason: "moved", found: commit }),
			}
		if (record && target) deps.store.aimAt(deps.folder, tag, target)
		if (record) return { version: fromRecord(record, "sound") }
		const files = await filesOf(deps, commit)
		// In a larger repository the module may not have been there yet: somebody else's tag of the same name.
		if (!files.has("index.json")) return {}
		const content = contentIdOf(files)
		deps.store.record(deps.folder, { tag, version: id.version, target: target ?? "", commit, content })
		return { version: { commit, state: "sound", content } }
	} catch (error) {
		if (!(error instanceof FailureError)) throw error
		if (record) return { version: fromRecord(record, "unreadable"), problem: error.failure }
		const problem = tagChanged({ ...id, reason: "unreadable" })
		return { version: { commit: target ?? "", state: "unreadable" }, problem }
	}
}

function fromRecord({ commit, content, digest }: PublishedRecord, state: KnownVersion["state"]) {
	return { commit, state, content, ...(digest !== undefined && { digest }) }
}

function tagChanged(data: Failure["data"]): Failure {
	return { code: "tag-changed", data }
}

/** The module's files in a commit: `index.json` and everything below `src/`. */
export async function filesOf(
	{ repository, objects }: Pick<Deps, "repository" | "objects">,
	commit: string,
): Promise<Map<string, TreeFile>> {
	const { tree } = await objects.readCommit(commit)
	const files = new Map<string, TreeFile>()
	const index = await objects.find(tree, pathIn(repository, "index.json"))
	const source = await objects.find(tree, pathIn(repository, "src"))
	if (index && index.mode !== "40000")
		files.set("index.json", { mode: index.mode === "100755" ? "100755" : "100644", oid: index.oid })
	return source?.mode === "40000" ? objects.listFiles(source.oid, files, "src/") : files
}

/**
 * Makes the tags of versions whose commit says that they were published and that have none: a program was killed between
 * the two, or a colleague's tags were not pushed. The same tag comes out everywhere, so nothing can clash.
 */
export async function mendTags({ repository, objects, store, folder, name }: Deps): Promise<string[]> {
	const head = await readHead(repository)
	const tags = await listRefs(repository, "refs/tags")
	const known = new Set([...tags.keys(), ...store.published(folder).map(({ tag }) => tag)])
	const mended: string[] = []
	for await (const commit of history(objects, head.commit)) {
		const tag = parseVersionMessage(commit.message)?.tag
		if (tag === undefined || known.has(tag)) continue
		if (repository.prefix !== "" && parseVersionTag(tag)?.module !== name) continue
		known.add(tag)
		if (await tagCommit(repository, commit, tag)) mended.push(tag)
	}
	return mended
}

async function* history(objects: Objects, start: string | undefined): AsyncGenerator<Commit> {
	const queue = start === undefined ? [] : [start]
	const seen = new Set(queue)
	for (let count = 0; count < SEARCHED_COMMITS; count++) {
		const oid = queue.shift()
		if (oid === undefined) return
		const commit = await objects.readCommit(oid).catch((error) => {
			if (error instanceof FailureError && error.failure.data.reason === "shallow") return undefined
			throw error
		})
		if (!commit) continue
		yield commit
		for (const parent of commit.parents) if (!seen.has(parent)) queue.push(parent) && seen.add(parent)
	}
}

/** Tags a commit; everything in the tag comes from the commit. False when there is such a tag already. */
export async function tagCommit(repository: Repository, commit: Commit, tag: string): Promise<boolean> {
	const writer = createObjectWriter(repository.commonDir)
	const { version, module } = parseVersionTag(tag) ?? { version: "", module: "" }
	const lines = [`object ${commit.oid}`, "type commit", `tag ${tag}`, `tagger ${signatureOf(commit.committer)}`]
	const oid = await writer.write("tag", Buffer.from(`${lines.join("\n")}\n\n${module} ${version}\n`))
	await writer.sync()
	return createRef(repository, `refs/tags/${tag}`, oid)
}

/** `Name <email> seconds zone`, as commits, tags and logs have it. */
export function signatureOf({ name, email, timestamp, timezoneOffset }: Commit["author"]): string {
	const minutes = Math.abs(timezoneOffset)
	const zone = `${String(Math.floor(minutes / 60)).padStart(2, "0")}${String(minutes % 60).padStart(2, "0")}`
	// Trap: as in Date, the offset is what has to be added to get UTC.
	return `${name} <${email}> ${timestamp} ${timezoneOffset > 0 ? "-" : "+"}${zone}`
}
