import { readFile } from "node:fs/promises"
import { defaultDataFolder } from "../../fleet/data-folder.ts"
import { type ChosenKey, parsePublicKey, readChosenKeys, writeChosenKeys } from "../../fleet/signing/chosen-keys.ts"
import { createKeptKeys } from "../../fleet/signing/kept-keys.ts"
import { fingerprintOf } from "../../folder/ssh-signature.ts"
import { FailureError } from "../../schema/failure.ts"
import { EXIT } from "../../schema/outcome.ts"
import { printPublicKey } from "../../schema/signing.ts"
import type { LibraryOptions } from "../library-command.ts"
import { printFailure } from "../print-failure.ts"

type DataOptions = Pick<LibraryOptions, "data">

/** `hotfix key use FILE...`: what is published from now on is signed by these keys, of the agent or made by the app. */
export function useKeys(options: DataOptions, ...files: string[]): Promise<number> {
	return change(options, () => Promise.all(files.map(async (path) => parsePublicKey(await readPublicKey(path), path))))
}

/** `hotfix key list`: fingerprint, and the line for the appliances' trusted-keys. */
export function listKeys(options: DataOptions): Promise<number> {
	return change(options)
}

/** `hotfix key none`: what is published from now on is not signed. */
export function useNoKey(options: DataOptions): Promise<number> {
	return change(options, async () => [])
}

/** Chooses keys where some are given, and shows those that are chosen. No appliance has a part in it: exit 2 else. */
async function change({ data = defaultDataFolder() }: DataOptions, choose?: () => Promise<ChosenKey[]>) {
	try {
		if (choose) await writeChosenKeys(data, await choose())
		showKeys(await readChosenKeys(data), (await createKeptKeys(data).list()).keys)
		return EXIT.ok
	} catch (error) {
		if (!(error instanceof FailureError)) throw error
		printFailure(error.failure)
		return EXIT.badInput
	}
}

function showKeys(keys: ChosenKey[], kept: ChosenKey[]): void {
	if (keys.length === 0) console.log("what is published is not signed")
	for (const one of keys) console.log(`${fingerprintOf(one.key)}  ${printPublicKey(one)}`)
	for (const { key } of keys.filter((one) => kept.some(({ key }) => key === one.key)))
		process.stderr.write(`made by the app, which alone signs by it: ${fingerprintOf(key)}\n`)
}

async function readPublicKey(path: string): Promise<string> {
	try {
		return await readFile(path, "utf8")
	} catch (error) {
		const code = error instanceof Error && "code" in error ? String(error.code) : "unreadable"
		throw new FailureError("key-unreadable", { path, reason: code === "ENOENT" ? "missing" : code.toLowerCase() })
	}
}
