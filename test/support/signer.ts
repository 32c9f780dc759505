import { generateKeyPairSync, sign } from "node:crypto"
import { makeSignedBytes, printKey, printSignature } from "../../core/folder/ssh-signature.ts"
import { makeStatement, type StatedModule } from "../../core/schema/module-statement.ts"

/** Somebody with a key: the line for trusted keys, and signatures of modules. */
export function makeSigner() {
	const { publicKey, privateKey } = generateKeyPairSync("ed25519")
	const raw = Buffer.from(publicKey.export({ format: "jwk" }).x ?? "", "base64url")
	const key = printKey(raw)
	return {
		line: `ssh-ed25519 ${key} someone`,
		signs: (module: StatedModule) =>
			printSignature({ key, signature: sign(null, makeSignedBytes(makeStatement(module)), privateKey) }),
	}
}
