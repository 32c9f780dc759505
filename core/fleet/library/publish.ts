import fs from "node:fs"
import { chmod } from "node:fs/promises"
import { join } from "node:path"
import git from "isomorphic-git"
import { readIndexFile } from "../../folder/read-index-file.ts"
import { readModuleFolder } from "../../folder/read-module-folder.ts"
import { fingerprintOf, parseSignatures } from "../../folder/ssh-signature.ts"
import { FailureError } from "../../schema/failure.ts"
import type { PublishResult } from "../../schema/library.ts"
import { SIGNATURE_FILE } from "../../schema/module-statement.ts"
import { compareVersions, isVersion } from "../../schema/version.ts"
import { digestOf } from "../digest.ts"
import { requireGoing } from "../services/waiting.ts"
import { findStaged, updateIndex, writeContents, writeModuleCommit } from "./commit-module.ts"
import { type Content, contentIdOf, readContent, readContentFile } from "./content.ts"
import { onDisk } from "./files/disk-failure.ts"
import { saveFile } from "./files/save-file.ts"
import { findAuthor } from "./git/author.ts"
import { readIndex } from "./git/index-file.ts"
import { withIndexLock } from "./git/index-lock.ts"
import { openObjects } from "./git/objects.ts"
import { moveBranch, readHead } from "./git/refs.ts"
import { findRepository, type Repository } from "./git/repository.ts"
import { findProblem } from "./git/repository-problem.ts"
import { createObjectWriter } from "./git/write-object.ts"
import { findPlace, type LibraryDeps, type ModulePlace } from "./module-place.ts"
import { findingsFor, withVersion } from "./propose.ts"
import { filesOf, mendTags, readVersions, signatureOf, tagCommit } from "./published-versions.ts"
import { signVersion, writeSignatures } from "./signature.ts"
import { describeVersion } from "./standing.ts"
import { makeVersionMessage, makeVersionTag } from "./version-tag.ts"

export interface PublishRequest {
	folder: string
	version: string
	/** Digest of the text, and name of the content, that the proposal showed. */
	base: string
	content: string
	note?: string | undefined
}

/**
 * Publishes a module's working files: the version is written into the text, the files are committed, the commit tagged.
 * Fails with `module-faulty`, `version-published`, `repository-unusable` or `cancelled`; nothing is published then. Once the
 * version is written into the text, `signal` ends nothing any more.
 */
export async function publish(
	deps: LibraryDeps,
	request: PublishRequest,
	signal?: AbortSignal,
): Promise<PublishResult> {
	const { folder, name } = await findPlace(request.folder)
	return deps.turns(folder, () =>
		onDisk(folder, async () => {
			if (!isVersion(request.version)) throw badVersion(request.version)
			await requireFaultless(folder, request)
			requireGoing(signal, "publishing")
			const place = await ensureRepository({ folder, name })
			return withIndexLock(place.repository.gitDir, (replace) => publishLocked(deps, place, request, replace, signal))
		}),
	)
}

async function publishLocked(
	deps: LibraryDeps,
	place: Required<ModulePlace>,
	request: PublishRequest,
	replaceIndex: (index: Buffer) => Promise<void>,
	signal: AbortSignal | undefined,
): Promise<PublishResult> {
	const { folder, name, repository, objects } = place
	await mendTags({ ...place, store: deps.store })
	await requireUnpublished(deps, place, request.version)
	const head = await readHead(repository)
	if (head.branch === undefined) throw new FailureError("repository-unusable", { path: folder, reason: "detached" })
	const { entries } = await readIndex(repository.gitDir)
	const committed = head.commit === undefined ? new Map() : await filesOf(place, head.commit)
	const seen = await readContent(folder, deps.cache)
	const staged = findStaged(repository, entries, committed, seen.files)
	if (staged.length > 0)
		throw new FailureError("repository-unusable", { path: folder, reason: "staged", paths: staged.slice(0, 20) })
	if (!(await isAsShown(folder, request, seen))) return { state: "changed" }
	const writer = createObjectWriter(repository.commonDir)
	// What takes long comes before the point of no return.
	await writeContents(writer, seen.files, signal)
	const signed = await signVersion(place, seen, request.version, deps.signer)
	requireGoing(signal, "publishing")
	const text = await writeVersion(deps, folder, request)
	if (text === undefined) return { state: "changed" }
	await normalizeModes(seen)

	const content = await readContent(folder, deps.cache)
	const { manifest } = await readModuleFolder(folder, { advice: false })
	// From here on it is what was looked at and signed, and nothing is written of what is not.
	if (withoutIndex(content) !== withoutIndex(seen) || (signed?.signatures && manifest?.digest !== signed.digest))
		throw new FailureError("changed-meanwhile", { path: folder })
	const attributes = head.commit === undefined ? await attributesOf(place) : []
	const signatures = await writeSignatures(folder, signed?.signatures)
	const files = new Map([
		...content.files,
		...attributes,
		...(signatures ? [[SIGNATURE_FILE, signatures] as const] : []),
	])
	const at = deps.now()
	const tag = makeVersionTag(name, request.version, at)
	const message = makeVersionMessage(name, request.version, tag, request.note)
	const author = await findAuthor(repository)
	const commit = await writeModuleCommit(
		{ repository, objects, writer },
		{ content: { ...content, files }, ...(head.commit && { parent: head.commit }), author, at, message },
	)
	await requireSame(deps, folder, content, text)
	const subject = message.split("\n")[0] ?? ""
	// In this order: killed in between, the next attempt finds staged what the files hold, and goes on.
	await replaceIndex(updateIndex(repository, entries, files))
	await moveBranch(repository, head, commit.oid, {
		signature: signatureOf(commit.committer),
		message: `commit: ${subject}`,
	})
	await tagCommit(repository, commit, tag)
	const target = (await readVersions({ ...place, store: deps.store })).versions.find((one) => one.tag === tag)
	if (!target) throw new FailureError("repository-unusable", { path: folder, reason: "damaged" })
	if (manifest?.index === text) {
		const record = { tag, version: target.version, target: "", commit: commit.oid, content: content.id }
		deps.store.record(folder, { ...record, digest: manifest.digest })
	}
	const signedBy = parseSignatures(signed?.signatures ?? "")?.map(({ key }) => fingerprintOf(key)) ?? []
	const version = await describeVersion(objects, target)
	return { state: "published", version, textDigest: digestOf(text), signedBy }
}

async function requireFaultless(folder: string, { version }: PublishRequest): Promise<void> {
	const { text } = await readIndexFile(folder, { advice: false })
	const findings = await findingsFor(folder, text, version)
	const faults = findings.filter(({ severity }) => severity === "fault").length
	if (faults > 0) throw new FailureError("module-faulty", { path: folder, faults }, { findings })
}

/** A module without a repository gets one of its own. */
async function ensureRepository({ folder, name }: ModulePlace): Promise<Required<ModulePlace>> {
	const repository = (await findRepository(folder)) ?? (await createRepository(folder))
	const problem = await findProblem(repository)
	if (problem) throw new FailureError(problem.code, problem.data)
	return { folder, name, repository, objects: openObjects(repository) }
}

/** Makes an empty repository in a module's folder. */
export async function createRepository(folder: string): Promise<Repository> {
	await git.init({ fs, dir: folder, defaultBranch: "main" })
	const gitDir = join(folder, ".git")
	return { root: folder, gitDir, commonDir: gitDir, prefix: "" }
}

async function requireUnpublished(deps: LibraryDeps, place: Required<ModulePlace>, version: string): Promise<void> {
	const { versions } = await readVersions({ ...place, store: deps.store })
	const same = versions.find((one) => compareVersions(one.version, version) === 0)
	if (same) throw new FailureError("version-published", { module: place.name, version, since: same.date })
}

/** Whether text and content are those that a person looked at. */
async function isAsShown(folder: string, { base, content }: PublishRequest, seen: Content): Promise<boolean> {
	const { text } = await readIndexFile(folder, { advice: false })
	return digestOf(text) === base && seen.id === content
}

/** The name of all that the version in the text does not change. */
function withoutIndex({ files }: Content): string {
	return contentIdOf(new Map([...files].filter(([path]) => path !== "index.json")))
}

/** Writes the version into the text. Undefined when the text is not the one that was looked at. */
async function writeVersion(
	deps: LibraryDeps,
	folder: string,
	{ base, version }: PublishRequest,
): Promise<string | undefined> {
	const { text } = await readIndexFile(folder, { advice: false })
	if (digestOf(text) !== base) return undefined
	const next = withVersion(text, version)
	const saved = await saveFile(deps, { folder, name: "index.json", bytes: Buffer.from(next), base })
	return saved.state === "saved" ? next : undefined
}

/** As git gives them back, so that a version has one digest wherever it is checked out. */
async function normalizeModes({ files }: Content): Promise<void> {
	for (const { path, mode, found } of files.values()) {
		const kept = mode === "100755" ? 0o755 : 0o644
		if (mode !== "120000" && Number(found.mode & 0o7777n) !== kept) await chmod(path, kept)
	}
}

async function attributesOf({ folder, repository }: Required<ModulePlace>) {
	const file = repository.prefix === "" ? await readContentFile(join(folder, ".gitattributes")) : undefined
	return file ? [[".gitattributes", file] as const] : []
}

async function requireSame(deps: LibraryDeps, folder: string, content: Content, text: string): Promise<void> {
	const now = await readContent(folder, deps.cache)
	const written = await readIndexFile(folder, { advice: false })
	if (now.id !== content.id || written.text !== text)
		throw new FailureError("changed-meanwhile", { path: join(folder, "index.json") })
}

function badVersion(version: string): FailureError {
	return new FailureError("bad-request", { reason: `${version} is no semantic version: write it like 1.2.0` })
}
