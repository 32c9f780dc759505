import { createHash } from "node:crypto"
import { chmod, mkdir, readdir, readFile, stat, utimes, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { createGzip, gzipSync } from "node:zlib"
import { expect, test } from "vitest"
import { createContentStore } from "../../../../core/runner/contents/content-store.ts"
import { FailureError } from "../../../../core/schema/failure.ts"
import { makePlace } from "./place.ts"

const DAY = 24 * 3600 * 1000
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex")

async function* pieces(...texts: string[]) {
	for (const text of texts) yield Buffer.from(text)
}

async function setup() {
	const place = await makePlace()
	const folder = join(place.options.stateFolder, "sources")
	return { place, folder, store: createContentStore(place) }
}

test("a content has its name only when it is whole, and is for nobody else to read", async () => {
	const { store, folder, place } = await setup()
	await store.supply(sha256("abc"), 3, pieces("a", "bc"))
	expect(await readdir(folder)).toEqual([sha256("abc")])
	expect((await stat(join(folder, sha256("abc")))).mode & 0o777).toBe(0o600)
	for (const path of [folder, place.options.stateFolder]) expect((await stat(path)).mode & 0o777).toBe(0o700)
})

test("what was refused, or broke off, leaves nothing behind", async () => {
	const { store, folder } = await setup()
	await expect(store.supply(sha256("abc"), 3, pieces("abX"))).rejects.toMatchObject({
		failure: { code: "upload-damaged" },
	})
	async function* broken() {
		yield Buffer.from("a")
		throw new Error("lost")
	}
	await expect(store.supply(sha256("abc"), 3, broken())).rejects.toMatchObject({ failure: { code: "internal" } })
	expect(await readdir(folder)).toEqual([])
})

test("a content that goes on for ever is given up at its size", async () => {
	const { store, folder } = await setup()
	async function* endless() {
		for (;;) yield Buffer.alloc(1 << 16)
	}
	await expect(store.supply(sha256("abc"), 3, endless())).rejects.toMatchObject({ failure: { code: "upload-damaged" } })
	expect(await readdir(folder)).toEqual([])
})

test("a state folder that others may write to is refused", async () => {
	const { store, place } = await setup()
	await mkdir(place.options.stateFolder)
	await chmod(place.options.stateFolder, 0o777)
	await expect(store.supply(sha256("abc"), 3, pieces("abc"))).rejects.toMatchObject({
		failure: { code: "state-unsafe" },
	})
})

test("contents nobody asks about go after 30 days; asking keeps them", async () => {
	const { store, folder } = await setup()
	for (const text of ["old", "asked"]) {
		await store.supply(sha256(text), text.length, pieces(text))
		await utimes(join(folder, sha256(text)), 0, 0)
	}
	for (const [name, age] of [
		[".incoming-left", 25 * 3600],
		[".incoming-now", 60],
	] as const) {
		await writeFile(join(folder, name), "half")
		await utimes(join(folder, name), Date.now() / 1000 - age, Date.now() / 1000 - age)
	}
	expect(await store.missing([sha256("asked")])).toEqual([])
	await store.prune()
	expect(await readdir(folder)).toEqual([".incoming-now", sha256("asked")])
	await store.prune(Date.now() + 29 * DAY)
	expect(await readdir(folder)).toHaveLength(1)
	await store.prune(Date.now() + 31 * DAY)
	expect(await readdir(folder)).toEqual([])
})

test("asking where nothing was ever supplied makes nothing", async () => {
	const { store, place } = await setup()
	expect(await store.missing([sha256("abc")])).toEqual([sha256("abc")])
	await store.prune()
	await expect(stat(place.options.stateFolder)).rejects.toThrow("ENOENT")
})

async function* bytes(...pieces: Uint8Array[]) {
	yield* pieces
}

test("a packed content is stored as it was", async () => {
	const { store, folder } = await setup()
	const packed = gzipSync("abc")
	await store.supply(sha256("abc"), 3, bytes(packed.subarray(0, 5), packed.subarray(5)), "gzip")
	expect(await readFile(join(folder, sha256("abc")), "utf8")).toBe("abc")
})

test.each([
	["is another one", gzipSync("abX")],
	["is too short", gzipSync("ab")],
	["is too long", gzipSync("abcd")],
	["was cut off", gzipSync("abc").subarray(0, -4)],
	["is not packed at all", Buffer.from("abc")],
	["is nothing", Buffer.alloc(0)],
])("a packed content that %s is damaged, and leaves nothing behind", async (_, packed) => {
	const { store, folder } = await setup()
	await expect(store.supply(sha256("abc"), 3, bytes(packed), "gzip")).rejects.toMatchObject({
		failure: { code: "upload-damaged", data: { path: sha256("abc") } },
	})
	expect(await readdir(folder)).toEqual([])
})

test("a packed content whose connection is lost says that", async () => {
	const { store, folder } = await setup()
	async function* broken() {
		yield gzipSync("abc").subarray(0, 8)
		throw new FailureError("connection-lost")
	}
	await expect(store.supply(sha256("abc"), 3, broken(), "gzip")).rejects.toMatchObject({
		failure: { code: "connection-lost" },
	})
	expect(await readdir(folder)).toEqual([])
})

test("one that would become gigabytes costs neither memory nor disk, and is given up at its size", async () => {
	const { store, folder } = await setup()
	let pieces = 0
	// A thousand bytes for each that travels; it would go on for ever.
	async function* bomb() {
		const gzip = createGzip()
		const zeros = Buffer.alloc(1 << 20)
		const fill = () => void gzip.write(zeros, fill)
		fill()
		for await (const piece of gzip) {
			pieces++
			yield piece
		}
	}
	const before = process.memoryUsage.rss()
	await expect(store.supply(sha256("abc"), 64 << 20, bomb(), "gzip")).rejects.toMatchObject({
		failure: { code: "upload-damaged" },
	})
	expect(process.memoryUsage.rss() - before).toBeLessThan(48 << 20)
	expect(pieces).toBeLessThan(64)
	expect(await readdir(folder)).toEqual([])
})
