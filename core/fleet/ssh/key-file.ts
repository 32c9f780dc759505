import { homedir } from "node:os"
import { join } from "node:path"
import ssh2, { type ParsedKey } from "ssh2"
import { FailureError } from "../../schema/failure.ts"
import { isPkcs8, readPkcs8 } from "./pkcs8.ts"
import { readRegularText } from "./read-regular.ts"

/** No key is as large. */
export const MAX_KEY_BYTES = 1 << 20

/** Passphrases a person may get wrong before the sign-in fails. */
const MAX_TRIES = 3

/** Gives a passphrase, or undefined where nobody can or wants to give one. */
export type AskPassphrase = (wrong: boolean) => Promise<string | undefined>

export type KeyText =
	| { state: "key"; key: ParsedKey }
	| { state: "encrypted" }
	| { state: "wrong" }
	| { state: "unusable"; reason: string }

/**
 * Reads and unlocks a private key. Slow for keys with a passphrase (0.2 s of computing each): do it once and keep it.
 * Fails with `key-unreadable`, `passphrase-needed` or `passphrase-wrong`.
 */
export async function loadKey(path: string, ask: AskPassphrase): Promise<ParsedKey> {
	const text = await readKeyFile(path)
	let parsed = parseKeyText(text)
	for (let tries = 0; parsed.state === "encrypted" || parsed.state === "wrong"; tries++) {
		if (tries === MAX_TRIES) throw new FailureError("passphrase-wrong", { path })
		const passphrase = await ask(parsed.state === "wrong")
		if (passphrase === undefined) {
			throw new FailureError(parsed.state === "wrong" ? "passphrase-wrong" : "passphrase-needed", { path })
		}
		parsed = parseKeyText(text, passphrase)
	}
	if (parsed.state === "unusable") throw new FailureError("key-unreadable", { path, reason: parsed.reason })
	return parsed.key
}

/** `~/` is the user's home, as people write it in options and forms. */
export function expandHome(path: string, home: string = homedir()): string {
	return path.startsWith("~/") ? join(home, path.slice(2)) : path
}

/** A key of any format that OpenSSH or OpenSSL writes, from its text. */
export function parseKeyText(text: string, passphrase?: string): KeyText {
	if (isPkcs8(text)) return readPkcs8(text, passphrase)
	const parsed: ParsedKey | ParsedKey[] | Error = ssh2.utils.parseKey(text, passphrase)
	if (parsed instanceof Error) {
		if (/no passphrase given/i.test(parsed.message)) return { state: "encrypted" }
		if (passphrase !== undefined) return { state: "wrong" }
		return { state: "unusable", reason: "unknown-format" }
	}
	const key = Array.isArray(parsed) ? parsed[0] : parsed
	if (!key) return { state: "unusable", reason: "unknown-format" }
	return key.isPrivateKey() ? { state: "key", key } : { state: "unusable", reason: "public-key" }
}

/** The text of a private key; fails with `key-unreadable`, also for one that others may read. */
export async function readKeyFile(path: string): Promise<string> {
	const refuse = (reason: string, cause?: unknown) => new FailureError("key-unreadable", { path, reason }, { cause })
	try {
		return await readRegularText(path, MAX_KEY_BYTES, ({ mode, uid }) => {
			// As OpenSSH judges: only the user's own files, and there are no such bits on Windows.
			const isOwn = process.getuid?.() === uid
			if (isOwn && mode & 0o077) throw refuse("others may read it, chmod 600 is needed")
		})
	} catch (error) {
		if (error instanceof FailureError) throw error
		throw refuse(wordFor(error), error)
	}
}

function wordFor(error: unknown): string {
	const code = error instanceof Error && "code" in error ? String(error.code) : ""
	if (code === "" && error instanceof Error) return error.message
	if (code === "ENOENT" || code === "ENOTDIR") return "missing"
	if (code === "EACCES" || code === "EPERM") return "not-permitted"
	return code === "EISDIR" ? "a-folder" : code.toLowerCase()
}
