import { readSystemFile } from "../../engine/disk/system-file.ts"
import type { Host } from "../../engine/host.ts"
import { FailureError } from "../../schema/failure.ts"
import { type KeysProblem, parseTrustedKeys, type TrustedKeys } from "./trusted-keys.ts"

const TRUSTED_KEYS = "/etc/hotfix/trusted-keys"

const MAX_BYTES = 64 * 1024

/**
 * The appliance's trusted keys; undefined where it has no such file. Fails with `trusted-keys-unusable` where there is one
 * that cannot be relied on (`readSystemFile`), or that has a line which is no key.
 */
export async function readTrustedKeys(host: Host): Promise<TrustedKeys | undefined> {
	const file = await readSystemFile(host, TRUSTED_KEYS, MAX_BYTES)
	if (!file) return undefined
	if ("fault" in file) throw unusable({ reason: file.fault })
	const keys = parseTrustedKeys(Buffer.from(file.bytes).toString("latin1"))
	if ("reason" in keys) throw unusable(keys)
	return keys
}

function unusable(problem: KeysProblem): FailureError {
	return new FailureError("trusted-keys-unusable", { path: TRUSTED_KEYS, ...problem })
}
