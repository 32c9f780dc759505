import type { NoKeychain } from "../../schema/signing.ts"

/** What makes secrets unreadable for everybody but this account, by the system's keychain. Only a desktop app has one. */
export interface SecretBox {
	/** Undefined: secrets can be sealed. The system may ask its person to open the keychain first. */
	whyNot(): Promise<NoKeychain | undefined>
	seal(secret: Buffer): Promise<Buffer>
	/** `resealed`: the same secret again, where the keychain has a newer key than the one it was sealed by. */
	open(sealed: Buffer): Promise<{ secret: Buffer; resealed?: Buffer }>
}
