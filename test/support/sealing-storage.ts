import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto"

/**
 * Stands in for Electron's `safeStorage`, whose binary cannot run here: really encrypts, under keys that only this object
 * has, and marks what it made as Chromium does. What it cannot show: that a real keychain keeps the key.
 */
export function makeSealingStorage(mark = "v11") {
	let keys = [randomBytes(32)]
	const encrypt = (text: string, key: Buffer) => {
		const nonce = randomBytes(12)
		const cipher = createCipheriv("aes-256-gcm", key, nonce)
		const body = Buffer.concat([cipher.update(text, "utf8"), cipher.final()])
		return Buffer.concat([Buffer.from(mark), nonce, cipher.getAuthTag(), body])
	}
	const decrypt = (sealed: Buffer, key: Buffer) => {
		const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(3, 15)).setAuthTag(sealed.subarray(15, 31))
		return Buffer.concat([decipher.update(sealed.subarray(31)), decipher.final()]).toString("utf8")
	}
	return {
		backend: "gnome_libsecret" as "gnome_libsecret" | "basic_text",
		isOpen: true,
		/** Every text that was given to it: what must stand nowhere else. */
		given: [] as string[],
		/** What was sealed before still opens, and should be sealed anew. */
		rotate() {
			keys = [randomBytes(32), ...keys]
		},
		/** What an older key sealed opens no more. */
		expire() {
			keys = keys.slice(0, 1)
		},
		/** As in another account, or after the keychain's password was reset. */
		forget() {
			keys = [randomBytes(32)]
		},
		getSelectedStorageBackend() {
			return this.backend
		},
		async isAsyncEncryptionAvailable() {
			return this.isOpen
		},
		async encryptStringAsync(text: string) {
			if (!this.isOpen) throw new Error(`cannot encrypt ${text}`)
			this.given.push(text)
			return encrypt(text, keys[0] as Buffer)
		},
		async decryptStringAsync(sealed: Buffer) {
			for (const [index, key] of this.isOpen ? keys.entries() : [])
				try {
					return { result: decrypt(sealed, key), shouldReEncrypt: index > 0 }
				} catch {
					// Not by this one.
				}
			throw new Error("cannot decrypt")
		},
	}
}
