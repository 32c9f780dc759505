import { mkdtemp, realpath, rename, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { readModuleFolder } from "../../folder/read-module-folder.ts"
import { FailureError } from "../../schema/failure.ts"
import { digestInput } from "../../schema/manifest.ts"
import { MAX_SIGNATURE_BYTES, makeStatement, SIGNATURE_FILE, type StatedModule } from "../../schema/module-statement.ts"
import { digestOf } from "../digest.ts"
import { replaceFiles } from "./checkout.ts"
import { type Content, type ContentFile, readContentFile } from "./content.ts"
import { stageFile, syncFolder } from "./files/atomic-file.ts"
import { pathIn } from "./git/repository.ts"
import type { ModulePlace } from "./module-place.ts"
import { withVersion } from "./propose.ts"

/** Who signs what is published on this desktop. */
export interface Signer {
	/** Each key that signs: its fingerprint and comment. */
	names(): Promise<string[]>
	/** Signs what a module states of itself; undefined where no key is chosen. Fails with `cannot-sign`. */
	sign(statement: string): Promise<string | undefined>
}

export const noSigner: Signer = { names: async () => [], sign: async () => undefined }

/** What a file is said to lack that git does not give back. */
const LOST = new Set(["source-missing", "link-leaves-source", "link-broken"])

/**
 * What a content, whose files are objects already, will be once it is published as this version. It is taken out of the
 * repository for that: the working files may change under the eyes of whoever signs.
 */
async function stateVersion(place: Required<ModulePlace>, seen: Content, version: string): Promise<StatedModule> {
	const folder = await realpath(await mkdtemp(join(tmpdir(), "hotfix-signing-")))
	try {
		await replaceFiles({ ...place, folder }, { id: "", files: new Map() }, seen.files)
		const { text, sources, findings } = await readModuleFolder(folder, { advice: false })
		// An absolute link leads into the working folder, and nowhere on another desktop.
		const lost = findings.filter(({ severity, rule }) => severity === "fault" && LOST.has(rule))
		if (lost.length > 0)
			throw new FailureError("module-faulty", { path: place.folder, faults: lost.length }, { findings: lost })
		const used = sources.filter((source) => source.used)
		return { name: place.name, version, digest: digestOf(digestInput(withVersion(text, version), used)) }
	} finally {
		await rm(folder, { recursive: true, force: true })
	}
}

/**
 * The signatures of a content as a version, made before anything is written: an agent may be gone, or its person say no.
 * Undefined where no key is chosen: then no file is read for it.
 */
export async function signVersion(place: Required<ModulePlace>, seen: Content, version: string, signer: Signer) {
	if ((await signer.names()).length === 0) return undefined
	const stated = await stateVersion(place, seen, version)
	return { digest: stated.digest, signatures: await signer.sign(makeStatement(stated)) }
}

/** Puts signatures beside `index.json`, or takes those of another version away; the file, for a commit. */
export async function writeSignatures(folder: string, text: string | undefined): Promise<ContentFile | undefined> {
	const path = join(folder, SIGNATURE_FILE)
	if (text === undefined) await rm(path, { force: true })
	else {
		const staged = await stageFile(folder, 0o644, (file) => file.writeFile(text, "latin1"))
		await rename(staged.path, path)
	}
	await syncFolder(folder)
	return readContentFile(path)
}

/** The signatures that a commit has, put beside the files that came from it. */
export async function restoreSignatures(place: Required<ModulePlace>, commit: string): Promise<void> {
	const { repository, objects, folder } = place
	const { tree } = await objects.readCommit(commit)
	const found = await objects.find(tree, pathIn(repository, SIGNATURE_FILE))
	const bytes = found?.mode.startsWith("100") ? Buffer.from(await objects.readBlob(found.oid)) : undefined
	// Nothing that ever was published is larger.
	const isSound = bytes !== undefined && bytes.length <= MAX_SIGNATURE_BYTES
	await writeSignatures(folder, isSound ? bytes.toString("latin1") : undefined)
}
