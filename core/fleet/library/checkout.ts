import { randomBytes } from "node:crypto"
import { lstat, readlink, rename, rm, symlink } from "node:fs/promises"
import { basename, dirname, join } from "node:path"
import { readModuleFolder } from "../../folder/read-module-folder.ts"
import { FailureError } from "../../schema/failure.ts"
import type { CheckoutResult } from "../../schema/library.ts"
import { digestOf } from "../digest.ts"
import { writeModuleCommit } from "./commit-module.ts"
import { type Content, contentIdOf, readContent } from "./content.ts"
import { stageFile, syncFolder } from "./files/atomic-file.ts"
import { isMissing, onDisk } from "./files/disk-failure.ts"
import { findParents, makeParents } from "./files/make-parents.ts"
import { findAuthor } from "./git/author.ts"
import type { Objects } from "./git/objects.ts"
import { createRef, readHead } from "./git/refs.ts"
import type { TreeFile } from "./git/tree.ts"
import { createObjectWriter } from "./git/write-object.ts"
import { findPlace, type LibraryDeps, type ModulePlace, requireRepository } from "./module-place.ts"
import { findVersion, KEPT_REFS } from "./named-side.ts"
import { filesOf, readVersions } from "./published-versions.ts"
import { restoreSignatures } from "./signature.ts"
import { removeEmptyFolders } from "./sources.ts"

export interface CheckoutRequest {
	folder: string
	/** Published, or `kept/...`. */
	version: string
	/** Keep the working state under a name of its own when it is in no published version; without it that is refused. */
	keepChanges: boolean
}

/**
 * Makes the working files those of a version. Branch, index and everything else of the repository stay as they are.
 * What is in no published version is never lost: `changes-unpublished`, or kept aside.
 */
export async function checkout(deps: LibraryDeps, request: CheckoutRequest): Promise<CheckoutResult> {
	const place = await findPlace(request.folder)
	return deps.turns(place.folder, () => onDisk(place.folder, () => checkoutInTurn(deps, place, request)))
}

async function checkoutInTurn(
	deps: LibraryDeps,
	at: ModulePlace,
	{ version, keepChanges }: CheckoutRequest,
): Promise<CheckoutResult> {
	const place = requireRepository(at, version)
	const { commit, known } = await findVersion(deps, place, version)
	const wanted = await filesOf(place, commit)
	if (!wanted.has("index.json")) throw new FailureError("version-unknown", { module: place.name, version })
	const working = await readContent(place.folder, deps.cache)
	const kept = working.id === contentIdOf(wanted) ? undefined : await keepWorking(deps, place, working, keepChanges)
	const changes = await replaceFiles(place, working, wanted)
	await restoreSignatures(place, commit)
	const { manifest, text } = await readModuleFolder(place.folder, { advice: false })
	if (known?.content && manifest)
		deps.store.record(place.folder, { ...known, target: "", content: known.content, digest: manifest.digest })
	return { version, ...(kept && { kept }), ...changes, textDigest: digestOf(text) }
}

/** Undefined where a published version or an earlier kept state holds it already. */
async function keepWorking(
	deps: LibraryDeps,
	place: Required<ModulePlace>,
	working: Content,
	isAllowed: boolean,
): Promise<string | undefined> {
	const { versions } = await readVersions({ ...place, store: deps.store })
	if (versions.some(({ content, state }) => content === working.id && state !== "unreadable")) return undefined
	if (!isAllowed) {
		const [highest] = versions
		const paths = highest ? await differing(place, working, highest.commit) : []
		throw new FailureError("changes-unpublished", { module: place.name, paths: paths.slice(0, 20) })
	}
	const at = deps.now()
	const head = await readHead(place.repository)
	const writer = createObjectWriter(place.repository.commonDir)
	const commit = await writeModuleCommit(
		{ ...place, writer },
		{
			content: working,
			...(head.commit && { parent: head.commit }),
			author: await findAuthor(place.repository),
			at,
			message: `Working state of ${place.name} before a checkout\n`,
		},
	)
	const name = at
		.toISOString()
		.replace(/\.(\d+)Z$/, "-$1Z")
		.replaceAll(":", "-")
	if (!(await createRef(place.repository, `${KEPT_REFS}/${name}`, commit.oid)))
		throw new FailureError("repository-unusable", { path: place.folder, reason: "busy" })
	return `kept/${name}`
}

async function differing(place: Required<ModulePlace>, working: Content, commit: string): Promise<string[]> {
	const files = await filesOf(place, commit)
	const paths = [...new Set([...files.keys(), ...working.files.keys()])].sort()
	const isSame = (path: string) => {
		const [a, b] = [files.get(path), working.files.get(path)]
		return a?.oid === b?.oid && a?.mode === b?.mode
	}
	return paths.filter((path) => !isSame(path))
}

/** Removals first, so that a folder may become a file; `index.json` last: it is what names the version. */
export async function replaceFiles(
	place: Required<ModulePlace>,
	working: Content,
	wanted: ReadonlyMap<string, TreeFile>,
) {
	const { folder, objects } = place
	const gone = [...working.files.keys()].filter((path) => !wanted.has(path))
	for (const path of gone) {
		await rm(join(folder, path))
		await removeEmptyFolders(folder, dirname(path))
	}
	const different = [...wanted].filter(([path, { oid, mode }]) => {
		const now = working.files.get(path)
		return now?.oid !== oid || now.mode !== mode || !hasKeptMode(now)
	})
	const ordered = different.sort(([a], [b]) => Number(a === "index.json") - Number(b === "index.json"))
	for (const [path, file] of ordered) await writeOne(folder, path, file, objects)
	return { changed: ordered.length, removed: gone.length }
}

function hasKeptMode({ mode, found }: { mode: string; found: { mode: bigint } }): boolean {
	return mode === "120000" || Number(found.mode & 0o7777n) === (mode === "100755" ? 0o755 : 0o644)
}

async function writeOne(folder: string, name: string, { mode, oid }: TreeFile, objects: Objects): Promise<void> {
	const parent = await makeParents(name, await findParents(folder, name))
	const path = join(parent, basename(name))
	const bytes = await objects.readBlob(oid)
	if (mode === "120000") await replaceLink(folder, path, Buffer.from(bytes))
	else {
		const staged = await stageFile(folder, mode === "100755" ? 0o755 : 0o644, (file) => file.writeFile(bytes))
		await rename(staged.path, path)
	}
	await syncFolder(parent)
}

async function replaceLink(folder: string, path: string, to: Buffer): Promise<void> {
	const found = await lstat(path).catch(isMissing)
	if (found?.isSymbolicLink() && (await readlink(path, { encoding: "buffer" })).equals(to)) return
	const temporary = join(folder, `.hotfix-${randomBytes(8).toString("hex")}`)
	await symlink(to, temporary)
	await rename(temporary, path)
}
