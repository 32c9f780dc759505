import { createHash, randomBytes } from "node:crypto"
import { gunzipSync } from "node:zlib"
import { expect, test } from "vitest"
import { supplyContents } from "../../../../core/fleet/supply.ts"
import { FailureError } from "../../../../core/schema/failure.ts"
import type { Source } from "../../../../core/schema/manifest.ts"

const source = (target: string, text: string): Source => ({
	target,
	digest: createHash("sha256").update(text).digest("hex"),
	size: text.length,
	mode: 0o644,
})
const texts: Record<string, string> = { "a.txt": "aaaa", "copy-of-a.txt": "aaaa", "b.txt": "bb", "c.txt": "" }
const sources = Object.entries(texts).map(([target, text]) => source(target, text))

async function* open({ target }: Source) {
	for (const sign of texts[target] ?? "") yield Buffer.from(sign)
}
/** An appliance that has some contents already. */
function makePort(known: string[] = []) {
	const stored = new Set(known)
	const calls: string[] = []
	const packings: [packing: string, bytes: number][] = []
	return {
		calls,
		packings,
		async missing(digests: string[]) {
			calls.push("missing")
			return digests.filter((digest) => !stored.has(digest))
		},
		async supply(digest: string, size: number, content: AsyncIterable<Uint8Array>, packing = "none") {
			const pieces: Uint8Array[] = []
			for await (const piece of content) pieces.push(piece)
			const travelled = Buffer.concat(pieces)
			const bytes = packing === "gzip" ? gunzipSync(travelled) : travelled
			packings.push([packing, travelled.length])
			expect([bytes.length, createHash("sha256").update(bytes).digest("hex")]).toEqual([size, digest])
			calls.push(bytes.toString())
			stored.add(digest)
		},
	}
}

test("each content is sent once, and progress ends at the whole", async () => {
	const port = makePort()
	const told: [number, number][] = []
	const sent = await supplyContents(port, { sources }, open, (...bytes) => told.push(bytes))
	expect(sent).toEqual({ sentBytes: 6, totalBytes: 6 })
	expect(port.calls.toSorted()).toEqual(["", "aaaa", "bb", "missing"])
	expect([told[0], told.at(-1)]).toEqual([
		[0, 6],
		[6, 6],
	])
	expect(told.map(([bytes]) => bytes)).toEqual(told.map(([bytes]) => bytes).toSorted((a, b) => a - b))
})

test("says when all is on its way, before the last answer", async () => {
	const port = makePort()
	const { promise: answer, resolve: release } = Promise.withResolvers<void>()
	const slow = {
		...port,
		async supply(...given: Parameters<typeof port.supply>) {
			await port.supply(...given)
			await answer
		},
	}
	const { promise: sent, resolve: onSent } = Promise.withResolvers<string>()
	const supplied = supplyContents(slow, { sources }, open, undefined, () => onSent("sent"))
	expect(await Promise.race([sent, supplied.then(() => "answered")])).toBe("sent")
	expect(port.calls.toSorted()).toEqual(["", "aaaa", "bb", "missing"])
	release()
	await supplied
})

test("what is there already sends no byte and opens no file", async () => {
	const port = makePort(sources.map(({ digest }) => digest))
	const never = () => {
		throw new Error("opened")
	}
	expect(await supplyContents(port, { sources }, never)).toEqual({ sentBytes: 0, totalBytes: 0 })
	expect(port.calls).toEqual(["missing"])
	expect(await supplyContents(makePort(), { sources: [] }, never)).toEqual({ sentBytes: 0, totalBytes: 0 })
})

test("a content that is refused fails the whole", async () => {
	const port = { ...makePort(), supply: () => Promise.reject(new FailureError("upload-damaged", { path: "a.txt" })) }
	await expect(supplyContents(port, { sources }, open)).rejects.toMatchObject({ failure: { code: "upload-damaged" } })
})

test("many contents go at once, not one after the other's answer", async () => {
	const many = Array.from({ length: 100 }, (_, index) => source(`${index}`, `text ${index}`))
	let underWay = 0
	let most = 0
	const port = {
		missing: async (digests: string[]) => digests,
		async supply() {
			most = Math.max(most, ++underWay)
			await new Promise((resolve) => setTimeout(resolve, 5))
			underWay--
		},
	}
	await supplyContents(port, { sources: many }, open)
	expect(most).toBe(32)
})

test("an appliance that names a content again and again, or one that nobody has, gets each once", async () => {
	const { missing: _, ...port } = makePort()
	const digest = sources[0]?.digest ?? ""
	const missing = async () => [...Array.from({ length: 1000 }, () => digest), "f".repeat(64)]
	expect(await supplyContents({ ...port, missing }, { sources }, open)).toEqual({ sentBytes: 4, totalBytes: 4 })
	expect(port.calls).toEqual(["aaaa"])
})

const LINE = "server { listen 443; proxy_pass http://localhost:5000; }\n"
const CONTENTS: [what: string, content: Buffer, packing: string][] = [
	["text of many pieces", Buffer.from(LINE.repeat(50_000)), "gzip"],
	["text of one piece", Buffer.from(LINE.repeat(20)), "gzip"],
	["what is packed already", randomBytes(300_000), "none"],
	["a few words", Buffer.from(LINE), "none"],
	["nothing", Buffer.alloc(0), "none"],
	[
		"text that goes on with what is packed already",
		Buffer.concat([Buffer.from(LINE.repeat(5000)), randomBytes(90_000)]),
		"gzip",
	],
]
test.each(CONTENTS)("%s", async (_, content, packing) => {
	const port = makePort()
	const told: [sent: number, total: number][] = []
	const digest = createHash("sha256").update(content).digest("hex")
	const manifest = { sources: [{ target: "t", digest, size: content.length, mode: 0o644 }] }
	async function* pieces() {
		for (let at = 0; at < content.length; at += 65_536) yield content.subarray(at, at + 65_536)
	}
	const sent = await supplyContents(port, manifest, pieces, (...bytes) => told.push(bytes))
	const [[used, travelled] = ["", 0]] = port.packings
	expect(used).toBe(packing)
	// The bytes that are told are those that travelled.
	expect(sent).toEqual({ sentBytes: travelled, totalBytes: travelled })
	expect([told[0], told.at(-1)]).toEqual([
		[0, content.length],
		[travelled, travelled],
	])
	expect(told.every(([bytes, total]) => bytes <= total)).toBe(true)
	if (packing === "gzip") expect(travelled).toBeLessThan(content.length * 0.9)
})

test("a source is closed where the appliance refuses it before it was read", async () => {
	let closed = 0
	async function* pieces() {
		try {
			for (;;) yield Buffer.from(LINE.repeat(2000))
		} finally {
			closed++
		}
	}
	const port = { ...makePort(), supply: () => Promise.reject(new FailureError("disk-full", {})) }
	const long = [{ ...source("long", LINE), size: 1e9 }]
	await expect(supplyContents(port, { sources: long }, pieces)).rejects.toMatchObject({
		failure: { code: "disk-full" },
	})
	expect(closed).toBe(1)
})

test("a source that cannot be read to its end fails the whole with that", async () => {
	async function* pieces() {
		yield Buffer.from(LINE.repeat(2000))
		throw new FailureError("module-unreadable", { path: "long" })
	}
	const long = [{ ...source("long", LINE), size: 1e9 }]
	await expect(supplyContents(makePort(), { sources: long }, pieces)).rejects.toMatchObject({
		failure: { code: "module-unreadable" },
	})
})
