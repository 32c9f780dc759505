import { expect, test } from "vitest"
import { MAX_NOISE, preambleOf, skipNoise } from "../../../../core/protocol/preamble.ts"

async function after(text: string, size: number): Promise<string> {
	async function* source() {
		const bytes = Buffer.from(text)
		for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
	}
	const chunks: Uint8Array[] = []
	for await (const chunk of skipNoise(source(), "n1")) chunks.push(chunk)
	return Buffer.concat(chunks).toString()
}

test.each([
	["nothing before it", ""],
	["a banner", "Welcome to box\n\n"],
	["a banner without a line end", "last login: never"],
	["another nonce", preambleOf("n2")],
	["the command line echoed", "$ hotfix-runner serve --nonce n1\n"],
	["binary noise", "\0\u0001hotfix-runner hotfix-runner n"],
])("what follows the first line is kept: %s", async (_, noise) => {
	for (const size of [1, 5, 4096]) expect(await after(`${noise}${preambleOf("n1")}after it\n`, size)).toBe("after it\n")
})

test("endless noise is given up on", async () => {
	await expect(after("x".repeat(MAX_NOISE * 2) + preambleOf("n1"), 1000)).rejects.toMatchObject({
		failure: { code: "runner-failed" },
	})
})

test("what was said instead is told", async () => {
	await expect(after("sh: 1: node: not found\n", 7)).rejects.toMatchObject({
		failure: { code: "runner-failed", data: { output: "sh: 1: node: not found\n" } },
	})
})
