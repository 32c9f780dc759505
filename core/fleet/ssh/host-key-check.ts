import { FailureError } from "../../schema/failure.ts"
import type { Deadline } from "./deadline.ts"
import { fingerprintOf, keyTypeOf } from "./host-key.ts"
import type { HostKeyVerdict } from "./known-hosts-file.ts"
import type { Endpoint } from "./open-socket.ts"

/** The host key of one connection, checked once. */
export interface HostKeyCheck {
	/**
	 * Whether this key may be the appliance's; throws `host-key-unknown`, `-changed` or `-revoked` where not. Called again
	 * at every rekey: nobody is asked twice, and another key than the first is refused.
	 */
	judge(key: Buffer): Promise<boolean>
	/** The key that passed; `isNew`: a person has just trusted it. */
	readonly verified: { key: Buffer; isNew: boolean } | undefined
}

export function createHostKeyCheck(options: {
	endpoint: Endpoint
	judge: (key: Buffer) => HostKeyVerdict
	trusts: (key: Buffer) => Promise<boolean>
	deadline: Deadline
}): HostKeyCheck {
	let verified: HostKeyCheck["verified"]
	return {
		get verified() {
			return verified
		},
		async judge(key) {
			if (verified) return verified.key.equals(key)
			const verdict = options.judge(key)
			const facts = { ...options.endpoint, keyType: keyTypeOf(key), fingerprint: fingerprintOf(key) }
			if (verdict.verdict === "revoked" || verdict.verdict === "changed") {
				const { file: path, line, key: known } = verdict.known
				throw new FailureError(`host-key-${verdict.verdict}`, { ...facts, path, line, known: fingerprintOf(known) })
			}
			const isNew = verdict.verdict === "unknown"
			if (isNew && !(await options.deadline.without(() => options.trusts(key)))) {
				throw new FailureError("host-key-unknown", { ...facts, certAuthority: verdict.certAuthority })
			}
			verified = { key, isNew }
			return true
		},
	}
}
