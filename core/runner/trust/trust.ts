import type { Host } from "../../engine/host.ts"
import type { Trust } from "../../engine/trust.ts"
import { fingerprintOf, isSignatureOf, parseSignatures } from "../../folder/ssh-signature.ts"
import { type Failure, FailureError } from "../../schema/failure.ts"
import { makeStatement, type StatedModule } from "../../schema/module-statement.ts"
import { readTrustedKeys } from "./read-trusted-keys.ts"
import type { TrustedKeys } from "./trusted-keys.ts"

/**
 * Trust by `/etc/hotfix/trusted-keys`: where that file is, a module needs a signature by one of its keys. The file is read
 * anew for every run.
 */
export function createTrust(host: Host): Trust {
	return async (module, signatures) => {
		try {
			const keys = await readTrustedKeys(host)
			return keys && whyUntrusted(keys, module, signatures)
		} catch (error) {
			if (error instanceof FailureError) return error.failure
			throw error
		}
	}
}

function whyUntrusted(keys: TrustedKeys, module: StatedModule, text: string | undefined): Failure | undefined {
	const { name, version } = module
	const refuse = (reason: string, signers: string[] = []): Failure => ({
		code: "module-not-trusted",
		data: { module: name, version, reason, ...(signers.length > 0 && { keys: signers.map(fingerprintOf) }) },
	})
	if (text === undefined) return refuse("unsigned")
	const signatures = parseSignatures(text)
	if (!signatures) return refuse("no-signature")
	const statement = makeStatement(module)
	const signers = signatures.map(({ key }) => key)
	const byTrusted = signatures.filter(({ key }) => keys.trusted.has(key))
	if (byTrusted.some((signature) => isSignatureOf(statement, signature))) return undefined
	if (byTrusted.length > 0) return refuse("changed", signers)
	return refuse(signers.some((key) => keys.revoked.has(key)) ? "revoked" : "unknown-key", signers)
}
