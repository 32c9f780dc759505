import fc from "fast-check"
import { expect, test } from "vitest"
import { CommandOutput, KEPT_BYTES, LAST_BYTES, LIVE_BYTES } from "../../../../../core/engine/closure/command-output.ts"
import type { OutputStream } from "../../../../../core/engine/closure/shell-port.ts"

const encode = (text: string) => new TextEncoder().encode(text)

/** Feeds pieces through one buffer that is used again each time, as the host does. */
function feed(pieces: [OutputStream, Uint8Array][]) {
	const told = { stdout: "", stderr: "" }
	const cut = { stdout: 0, stderr: 0 }
	const output = new CommandOutput((stream, text, cutBytes = 0) => {
		told[stream] += text
		cut[stream] += cutBytes
	})
	for (const [stream, bytes] of pieces) {
		const buffer = bytes.slice()
		output.push(stream, buffer)
		buffer.fill(0x2e)
	}
	return { cutBytes: output.finish(), told, cut, last: output.last() }
}

const text = fc.array(fc.constantFrom("a", "ü", "€", "🛠", "\n", "\0"), { maxLength: 40 }).map((all) => all.join(""))

test("any text in any pieces comes out whole, each stream its own", () => {
	fc.assert(
		fc.property(
			text,
			text,
			fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 5 })), { maxLength: 90 }),
			(out, err, cuts) => {
				const rest = { stdout: encode(out), stderr: encode(err) }
				const pieces: [OutputStream, Uint8Array][] = []
				for (const [isErr, length] of cuts) {
					const stream = isErr ? "stderr" : "stdout"
					pieces.push([stream, rest[stream].subarray(0, length)])
					rest[stream] = rest[stream].subarray(length)
				}
				pieces.push(["stdout", rest.stdout], ["stderr", rest.stderr])
				expect(feed(pieces)).toMatchObject({ cutBytes: 0, told: { stdout: out, stderr: err } })
			},
		),
	)
})

test.each(["é", "€", "🛠"])("a cut breaks no character: %s", (character) => {
	for (const shift of [0, 1, 2, 3])
		for (const size of [1000, 4097, 65_536, 10_000_000]) {
			const bytes = encode(`${"x".repeat(shift)}${character.repeat(300_000)}`)
			const pieces: [OutputStream, Uint8Array][] = []
			for (let at = 0; at < bytes.length; at += size) pieces.push(["stdout", bytes.subarray(at, at + size)])
			const { told, cut, cutBytes, last } = feed(pieces)
			expect(told.stdout.replaceAll(character, "")).toBe("x".repeat(shift))
			expect(cutBytes).toBe(bytes.length - encode(told.stdout).length)
			expect(cut.stdout).toBe(cutBytes)
			expect(cutBytes).toBeLessThan(bytes.length - LIVE_BYTES - KEPT_BYTES + 8)
			expect(last.replaceAll(character, "")).toBe("")
		}
})

test("exactly what can be told is told, one byte more is cut", () => {
	const most = LIVE_BYTES + KEPT_BYTES
	expect(feed([["stdout", encode("a".repeat(most))]])).toMatchObject({ cutBytes: 0 })
	const { told, cutBytes } = feed([["stdout", encode("a".repeat(most + 1))]])
	expect([told.stdout.length, cutBytes]).toEqual([most, 1])
})

test("a stream that says much does not push out what the other said", () => {
	const { cut, told, cutBytes, last } = feed([
		["stdout", encode("a".repeat(LIVE_BYTES))],
		["stderr", encode("b".repeat(1000))],
		["stdout", encode("c".repeat(2 * KEPT_BYTES))],
	])
	expect(cut).toEqual({ stdout: KEPT_BYTES + 1000, stderr: 0 })
	expect([told.stderr, cutBytes]).toEqual(["b".repeat(1000), KEPT_BYTES + 1000])
	expect(last).toBe("b".repeat(1000) + "c".repeat(LAST_BYTES - 1000))
})

test("streams that take turns byte by byte stay bounded", () => {
	const pieces = Array.from({ length: 200_000 }, (_, i): [OutputStream, Uint8Array] => [
		i % 2 ? "stderr" : "stdout",
		encode("a"),
	])
	const { told, cut, cutBytes } = feed(pieces)
	expect(cutBytes).toBe(200_000 - told.stdout.length - told.stderr.length)
	expect(cut.stdout + cut.stderr).toBe(cutBytes)
	expect(told.stdout.length + told.stderr.length).toBeGreaterThan(LIVE_BYTES)
})

test("bytes that are no UTF-8 are shown, a byte order mark stays", () => {
	const bytes = new Uint8Array([0xef, 0xbb, 0xbf, 0x61, 0xff, 0x62, 0xe2, 0x82])
	expect(feed([["stdout", bytes]]).told.stdout).toBe("\ufeffa\ufffdb\ufffd")
})

test("the last output holds both streams in order, 4 KiB at most", () => {
	expect(
		feed([
			["stdout", encode("a\n")],
			["stderr", encode("b\n")],
			["stdout", encode("c\n")],
		]).last,
	).toBe("a\nb\nc\n")
	expect(feed([["stderr", encode("€".repeat(5000))]]).last).toBe("€".repeat(Math.floor(LAST_BYTES / 3)))
})
