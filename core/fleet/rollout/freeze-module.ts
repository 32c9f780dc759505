import { createWriteStream } from "node:fs"
import { chmod, mkdir, open, rename, rm } from "node:fs/promises"
import { dirname, join } from "node:path"
import { pipeline } from "node:stream/promises"
import { readContent } from "../../folder/read-content.ts"
import { FailureError } from "../../schema/failure.ts"
import type { Manifest } from "../../schema/manifest.ts"
import type { Module } from "../../schema/module.ts"
import { SIGNATURE_FILE } from "../../schema/module-statement.ts"
import { readRunnableModule } from "../services/module-folder.ts"

/**
 * A copy of a module that nobody edits: every appliance of a rollout gets the same bytes, whatever becomes of the folder
 * meanwhile. `digest`: what it must be. It is made of what was read, links resolved, and is on disk when this resolves. Fails with
 * `module-unreadable`, `module-faulty`, `unknown-pool` or `changed-meanwhile`; then nothing stays.
 */
export async function freezeModule(
	folder: string,
	into: string,
	{ pools, digest }: { pools?: string[] | undefined; digest?: string | undefined } = {},
): Promise<{ folder: string; manifest: Manifest; module: Module }> {
	const { manifest, module } = await readRunnableModule(folder, pools)
	if (digest !== undefined && digest !== manifest.digest) throw new FailureError("changed-meanwhile", { path: folder })
	const making = `${into}.making`
	try {
		// Its last part is the module's name.
		const made = join(making, manifest.name)
		await copyContents(folder, made, manifest)
		const copy = await readRunnableModule(made, pools)
		if (copy.manifest.digest !== manifest.digest) throw new FailureError("changed-meanwhile", { path: folder })
		await rename(making, into)
		await syncFolder(dirname(into))
	} catch (error) {
		await rm(making, { recursive: true, force: true })
		throw error
	}
	return { folder: join(into, manifest.name), manifest, module }
}

async function copyContents(folder: string, made: string, manifest: Manifest): Promise<void> {
	const folders = new Set([dirname(made), made, join(made, "src")])
	await mkdir(join(made, "src"), { recursive: true, mode: 0o700 })
	await writeSynced(join(made, "index.json"), [manifest.index])
	if (manifest.signatures !== undefined)
		await writeSynced(join(made, SIGNATURE_FILE), [Buffer.from(manifest.signatures, "latin1")])
	for (const { target, mode } of manifest.sources) {
		const path = join(made, "src", target)
		for (let parent = dirname(path); !folders.has(parent); parent = dirname(parent)) folders.add(parent)
		await mkdir(dirname(path), { recursive: true, mode: 0o700 })
		await writeSynced(path, readContent(folder, target))
		await chmod(path, mode)
	}
	for (const one of folders) await syncFolder(one)
}

async function writeSynced(
	path: string,
	content: Iterable<string | Buffer> | AsyncIterable<Uint8Array>,
): Promise<void> {
	await pipeline(content, createWriteStream(path, { flags: "wx", mode: 0o600, flush: true }))
}

/** So that the names in it are on disk too. */
async function syncFolder(folder: string): Promise<void> {
	const handle = await open(folder, "r")
	try {
		await handle.sync()
	} finally {
		await handle.close()
	}
}
