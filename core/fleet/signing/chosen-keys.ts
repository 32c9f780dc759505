import { mkdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import { parseKey } from "../../folder/ssh-signature.ts"
import { FailureError } from "../../schema/failure.ts"
import { printPublicKey } from "../../schema/signing.ts"
import { writeFileAtomic } from "../library/files/atomic-file.ts"
import { isMissing } from "../library/files/disk-failure.ts"

/** A key that signs what is published here. Its private half is an agent's, or kept by the app (`kept-keys.ts`). */
export interface ChosenKey {
	/** The public half as SSH writes it, in base64. */
	key: string
	comment: string
}

const fileOf = (dataFolder: string) => join(dataFolder, "signing-keys")

/** The keys that sign here; none: what is published is not signed. Fails with `key-unreadable`. */
export async function readChosenKeys(dataFolder: string): Promise<ChosenKey[]> {
	const path = fileOf(dataFolder)
	const text = (await readFile(path, "utf8").catch(isMissing)) ?? ""
	return text.split("\n").flatMap((line) => (line.trim() === "" ? [] : [parsePublicKey(line, path)]))
}

export async function writeChosenKeys(dataFolder: string, keys: ChosenKey[]): Promise<void> {
	await mkdir(dataFolder, { recursive: true, mode: 0o700 })
	await writeFileAtomic(fileOf(dataFolder), keys.map((one) => `${printPublicKey(one)}\n`).join(""))
}

/** A line of `id_ed25519.pub`. Fails with `key-unreadable` for any other type of key. */
export function parsePublicKey(line: string, path: string): ChosenKey {
	const [, key, comment = ""] = /^ssh-ed25519[ \t]+(\S+)(?:[ \t]+(.*))?$/.exec(line.trim()) ?? []
	if (key !== undefined && parseKey(key)) return { key, comment: comment.trim() }
	throw new FailureError("key-unreadable", { path, reason: "no-ed25519" })
}
