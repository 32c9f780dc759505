import fc from "fast-check"
import { expect, test } from "vitest"
import { createTokenReader } from "../../../../../core/fleet/runner-install/token-reader.ts"

async function* inPieces(text: string, sizes: number[]): AsyncGenerator<Uint8Array> {
	const bytes = Buffer.from(text)
	let at = 0
	for (let i = 0; at < bytes.length; i++) {
		const size = sizes[i % sizes.length] ?? 1
		yield bytes.subarray(at, at + size)
		at += size
	}
}
const noise = fc.string({ maxLength: 200 }).filter((text) => !text.includes("NONCE"))

test("finds its words in any noise, however it is cut, and leaves the rest whole", async () => {
	const sizes = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 5 })
	await fc.assert(
		fc.asyncProperty(noise, noise, noise, sizes, async (before, between, after, cuts) => {
			const reader = createTokenReader(
				inPieces(`${before}NONCE NEED\n${between}\nNONCE FAIL tool gzip\n${after}`, cuts),
				"NONCE",
			)
			expect([await reader.next(), await reader.next()]).toEqual([["NEED"], ["FAIL", "tool", "gzip"]])
			const rest: Uint8Array[] = []
			for await (const bytes of reader.rest()) rest.push(bytes)
			expect(Buffer.concat(rest).toString()).toBe(after)
		}),
	)
})

test("ends where the stream does, and knows what was said", async () => {
	const reader = createTokenReader(inPieces("No shell for you\n", [5]), "NONCE")
	expect([await reader.next(), reader.noise()]).toEqual([undefined, "No shell for you\n"])
})

test("noise without end is a failure, not memory without end", async () => {
	async function* endless() {
		for (;;) yield Buffer.alloc(10_000, "x")
	}
	await expect(createTokenReader(endless(), "NONCE").next()).rejects.toMatchObject({
		failure: { code: "runner-failed" },
	})
})
