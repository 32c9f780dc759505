import type { SafeStorage } from "electron"
import type { SecretBox } from "../core/fleet/signing/secret-box.ts"

type Storage = Pick<
	SafeStorage,
	"isAsyncEncryptionAvailable" | "encryptStringAsync" | "decryptStringAsync" | "getSelectedStorageBackend"
>

/**
 * How Chromium marks what it encrypted by a password that stands in its own source, where a Linux has no keychain. On
 * other systems the same mark means the keychain.
 */
const OPEN_MARK = "v10"
/** No secret. */
const PROBE = "hotfix"

/** Secrets sealed by the system's keychain. Wants an app that is ready. */
export function createSecretBox(storage: Storage, platform: string): SecretBox {
	const isOpen = (sealed: Buffer) =>
		platform === "linux" && sealed.toString("latin1", 0, OPEN_MARK.length) === OPEN_MARK
	const seal = async (secret: Buffer) => {
		const sealed = await storage.encryptStringAsync(secret.toString("base64"))
		if (isOpen(sealed)) throw new Error("cannot seal: this system has no keychain")
		return sealed
	}
	return {
		async whyNot() {
			if (platform === "linux" && storage.getSelectedStorageBackend() === "basic_text") return "basic-text"
			try {
				if (!(await storage.isAsyncEncryptionAvailable())) return "unavailable"
				// The backend is the one chosen by the desktop's name; what really encrypts is known by what comes out.
				return isOpen(await storage.encryptStringAsync(PROBE)) ? "basic-text" : undefined
			} catch {
				return "unavailable"
			}
		},
		seal,
		async open(sealed) {
			const { result, shouldReEncrypt } = await storage.decryptStringAsync(sealed)
			const secret = Buffer.from(result, "base64")
			const resealed = shouldReEncrypt ? await seal(secret).catch(() => undefined) : undefined
			return resealed ? { secret, resealed } : { secret }
		},
	}
}
