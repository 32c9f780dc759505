import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto"
import { fingerprintOf, printKey } from "../../folder/ssh-signature.ts"
import { FailureError } from "../../schema/failure.ts"
import type { NoKeychain } from "../../schema/signing.ts"
import type { ChosenKey } from "./chosen-keys.ts"
import { type KeptKey, readKeptKeys, removeKeptKey, writeKeptKey } from "./kept-key-files.ts"
import type { SecretBox } from "./secret-box.ts"

/** Keys that were made here; their private halves are on disk as the keychain sealed them, and in memory while they sign. */
export interface KeptKeys {
	whyNot(): Promise<NoKeychain | undefined>
	list(): Promise<{ keys: ChosenKey[]; damaged: string[] }>
	/** Fails with `keychain-unusable`. */
	make(comment: string): Promise<ChosenKey>
	/** 64 bytes; undefined where the key is none of these. Fails with `cannot-sign`. */
	sign(key: string, bytes: Buffer): Promise<Buffer | undefined>
	remove(key: string): Promise<void>
}

/** Without a box they are listed and can be removed; none is made, none signs. */
export function createKeptKeys(dataFolder: string, box?: SecretBox): KeptKeys {
	const whyNot = async () => (box ? box.whyNot() : "none-here")
	return {
		whyNot,
		async list() {
			const { keys, damaged } = await readKeptKeys(dataFolder)
			return { keys: keys.map(({ key, comment }) => ({ key, comment })), damaged }
		},
		async make(comment) {
			const reason = await whyNot()
			if (reason !== undefined || !box) throw new FailureError("keychain-unusable", { reason: reason ?? "none-here" })
			const { key, secret } = generate()
			const sealed = await sealBy(box, secret)
			await writeKeptKey(dataFolder, { key, comment, sealed: sealed.toString("base64") })
			return { key, comment }
		},
		async sign(key, bytes) {
			const kept = (await readKeptKeys(dataFolder)).keys.find((one) => one.key === key)
			if (!kept) return undefined
			if (!box) throw cannotSign(key, "made-by-the-app")
			return signBy(dataFolder, box, kept, bytes)
		},
		remove: (key) => removeKeptKey(dataFolder, key),
	}
}

function generate(): { key: string; secret: Buffer } {
	const { publicKey, privateKey } = generateKeyPairSync("ed25519")
	return { key: publicHalf(publicKey), secret: privateKey.export({ format: "der", type: "pkcs8" }) }
}

/** What the keychain says of a failure is not handed on: nobody knows what it quotes. */
async function sealBy(box: SecretBox, secret: Buffer): Promise<Buffer> {
	try {
		return await box.seal(secret)
	} catch {
		throw new FailureError("keychain-unusable", { reason: "refused" })
	} finally {
		secret.fill(0)
	}
}

async function signBy(dataFolder: string, box: SecretBox, kept: KeptKey, bytes: Buffer): Promise<Buffer> {
	const opened = await box.open(Buffer.from(kept.sealed, "base64")).catch(() => {
		throw cannotSign(kept.key, "keychain-closed")
	})
	const privateKey = parsePrivate(opened.secret)
	if (!privateKey || publicHalf(createPublicKey(privateKey)) !== kept.key) throw cannotSign(kept.key, "kept-damaged")
	// It signs all the same where that cannot be written: the one that stands there still opens.
	if (opened.resealed) await reseal(dataFolder, kept, opened.resealed).catch(() => undefined)
	return sign(null, bytes, privateKey)
}

/** A key that was deleted meanwhile stays deleted. */
async function reseal(dataFolder: string, kept: KeptKey, sealed: Buffer): Promise<void> {
	const { keys } = await readKeptKeys(dataFolder)
	if (keys.some(({ key }) => key === kept.key))
		await writeKeptKey(dataFolder, { ...kept, sealed: sealed.toString("base64") })
}

function parsePrivate(secret: Buffer): KeyObject | undefined {
	try {
		const key = createPrivateKey({ key: secret, format: "der", type: "pkcs8" })
		return key.asymmetricKeyType === "ed25519" ? key : undefined
	} catch {
		return undefined
	} finally {
		secret.fill(0)
	}
}

function publicHalf(key: KeyObject): string {
	return printKey(Buffer.from(String(key.export({ format: "jwk" }).x), "base64url"))
}

function cannotSign(key: string, reason: string): FailureError {
	return new FailureError("cannot-sign", { key: fingerprintOf(key), reason })
}
