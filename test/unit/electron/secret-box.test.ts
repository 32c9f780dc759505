import { describe, expect, test } from "vitest"
import { createSecretBox } from "../../../electron/secret-box.ts"
import { makeSealingStorage } from "../../support/sealing-storage.ts"

const secret = Buffer.from([0, 255, 128, 10, 13])

test("what was sealed comes back byte by byte, and only by the keychain that sealed it", async () => {
	const storage = makeSealingStorage()
	const box = createSecretBox(storage, "linux")
	const sealed = await box.seal(secret)
	expect(sealed.includes(secret)).toBe(false)
	expect(await box.open(sealed)).toEqual({ secret })
	storage.forget()
	await expect(box.open(sealed)).rejects.toThrow("cannot decrypt")
})

test("under a newer key of the keychain it is sealed anew; where that fails it opens all the same", async () => {
	const storage = makeSealingStorage()
	const box = createSecretBox(storage, "darwin")
	const sealed = await box.seal(secret)
	storage.rotate()
	const { resealed = Buffer.alloc(0) } = await box.open(sealed)
	expect(await box.open(resealed)).toEqual({ secret })
	const refusing = { ...storage, encryptStringAsync: () => Promise.reject(new Error("full")) }
	expect(await createSecretBox(refusing, "darwin").open(sealed)).toEqual({ secret })
})

describe("no keychain", () => {
	test.each([
		["linux", "v11", "gnome_libsecret", undefined],
		["linux", "v12", "gnome_libsecret", undefined],
		["linux", "v11", "basic_text", "basic-text"],
		["linux", "v10", "gnome_libsecret", "basic-text"],
		// There the same mark is the keychain's.
		["darwin", "v10", "basic_text", undefined],
		["win32", "v10", "basic_text", undefined],
	] as const)("on %s what is marked %s by %s: %s", async (platform, mark, backend, reason) => {
		const storage = Object.assign(makeSealingStorage(mark), { backend })
		expect(await createSecretBox(storage, platform).whyNot()).toBe(reason)
	})

	test("one that is closed, or fails when it is asked", async () => {
		const closed = Object.assign(makeSealingStorage(), { isOpen: false })
		expect(await createSecretBox(closed, "win32").whyNot()).toBe("unavailable")
		const failing = { ...makeSealingStorage(), encryptStringAsync: () => Promise.reject(new Error("locked")) }
		expect(await createSecretBox(failing, "linux").whyNot()).toBe("unavailable")
	})

	test("a secret that would be as good as open is not handed out, even where nobody asked before", async () => {
		await expect(createSecretBox(makeSealingStorage("v10"), "linux").seal(secret)).rejects.toThrow("no keychain")
	})

	test("systems without such a choice are not asked for it", async () => {
		const { getSelectedStorageBackend: _, ...storage } = makeSealingStorage()
		const without = storage as ReturnType<typeof makeSealingStorage>
		expect(await createSecretBox(without, "darwin").whyNot()).toBeUndefined()
	})
})
