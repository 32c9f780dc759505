import { mkdir, readdir, rm } from "node:fs/promises"
import { join } from "node:path"
import { z } from "zod"
import { parseKey } from "../../folder/ssh-signature.ts"
import { keyCommentSchema, publicKeySchema } from "../../schema/signing.ts"
import { digestOf } from "../digest.ts"
import { writeFileAtomic } from "../library/files/atomic-file.ts"
import { isMissing } from "../library/files/disk-failure.ts"
import { readRegularText } from "../ssh/read-regular.ts"

/** Larger ones are not ours, in bytes. */
const MAX_FILE = 16_384
/** A key's own: other files of the folder are none of ours. */
const NAME = /^[0-9a-f]{64}\.json$/

const keptKeySchema = z.object({
	/** The public half. */
	key: publicKeySchema.refine((key) => parseKey(key) !== undefined),
	comment: keyCommentSchema,
	/** The private half, as the keychain sealed it, in base64. */
	sealed: z.base64(),
})
export type KeptKey = z.infer<typeof keptKeySchema>

const folderOf = (dataFolder: string) => join(dataFolder, "kept-keys")
const fileOf = (dataFolder: string, key: string) => join(folderOf(dataFolder), `${digestOf(key)}.json`)

/** A file a key, so that two programs never write over each other's. `damaged`: the paths of those that say nothing. */
export async function readKeptKeys(dataFolder: string): Promise<{ keys: KeptKey[]; damaged: string[] }> {
	const names = (await readdir(folderOf(dataFolder)).catch(isMissing)) ?? []
	const keys: KeptKey[] = []
	const damaged: string[] = []
	for (const name of names.filter((name) => NAME.test(name)).sort()) {
		const path = join(folderOf(dataFolder), name)
		const kept = await readKeptKey(path)
		// One under another key's name would be signed by and deleted in its place.
		if (kept && fileOf(dataFolder, kept.key) === path) keys.push(kept)
		else damaged.push(path)
	}
	return { keys, damaged }
}

async function readKeptKey(path: string): Promise<KeptKey | undefined> {
	try {
		return keptKeySchema.parse(JSON.parse(await readRegularText(path, MAX_FILE)))
	} catch {
		return undefined
	}
}

/** On disk, and for this account alone, when it resolves. */
export async function writeKeptKey(dataFolder: string, kept: KeptKey): Promise<void> {
	await mkdir(folderOf(dataFolder), { recursive: true, mode: 0o700 })
	await writeFileAtomic(fileOf(dataFolder, kept.key), `${JSON.stringify(kept)}\n`)
}

export async function removeKeptKey(dataFolder: string, key: string): Promise<void> {
	await rm(fileOf(dataFolder, key), { force: true })
}
