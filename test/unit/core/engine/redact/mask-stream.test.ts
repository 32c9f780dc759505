import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { findAssigned } from "../../../../../core/engine/redact/assigned.ts"
import { MaskStream } from "../../../../../core/engine/redact/mask-stream.ts"
import { Needles } from "../../../../../core/engine/redact/needles.ts"
import { Secrets } from "../../../../../core/engine/redact/secrets.ts"

const encode = (text: string) => new TextEncoder().encode(text)
const latin1 = (bytes: Uint8Array) => Array.from(bytes, (byte) => String.fromCharCode(byte)).join("")

function createStream(secrets: string[]) {
	const given: string[] = []
	const values = secrets.map(encode)
	const stream = new MaskStream(values, new Needles(values), (bytes) => given.push(latin1(bytes)))
	return { stream, given }
}

/** Through one buffer that is used again for each piece, as the host does. */
function mask(secrets: string[], pieces: string[]): string {
	const { stream, given } = createStream(secrets)
	for (const piece of pieces) {
		const buffer = encode(piece)
		stream.push(buffer)
		buffer.fill(0x2e)
	}
	stream.flush()
	return given.join("")
}

/** The same by trying every place: each stretch of overlapping secrets becomes one mask. */
function maskSlowly(secrets: string[], text: string): string {
	const spans = secrets
		.flatMap((secret) =>
			[...text].flatMap((_, start) => (text.startsWith(secret, start) ? [{ start, end: start + secret.length }] : [])),
		)
		.sort((a, b) => a.start - b.start || b.end - a.end)
	let masked = ""
	let at = 0
	for (let index = 0; index < spans.length; ) {
		const { start, end: first } = spans[index] as { start: number; end: number }
		let end = first
		for (index++; (spans[index]?.start ?? Infinity) < end; index++) end = Math.max(end, spans[index]?.end ?? 0)
		masked += text.slice(at, start) + "***".slice(0, end - start)
		at = end
	}
	return masked + text.slice(at)
}

const letters = (least: number, most: number) =>
	fc.array(fc.constantFrom("a", "b", "c"), { minLength: least, maxLength: most }).map((all) => all.join(""))

test("whatever the secrets, the text and its pieces: masked as if it were looked at as a whole", () => {
	fc.assert(
		fc.property(fc.array(letters(3, 6), { minLength: 1, maxLength: 4 }), fc.array(letters(0, 9)), (secrets, pieces) => {
			expect(mask(secrets, pieces)).toBe(maskSlowly(secrets, pieces.join("")))
		}),
		{ numRuns: 3000 },
	)
	// A mask that was given out cannot grow any more: of short secrets only the places count.
	const short = (text: string) => text.replaceAll(/\*+/g, "*")
	fc.assert(
		fc.property(fc.array(letters(1, 4), { minLength: 1, maxLength: 4 }), fc.array(letters(0, 7)), (secrets, pieces) => {
			expect(short(mask(secrets, pieces))).toBe(short(maskSlowly(secrets, pieces.join(""))))
		}),
		{ numRuns: 3000 },
	)
})

describe("pieces", () => {
	test.each([
		["in one", ["secret"], ["a secret b"], "a *** b"],
		["byte by byte", ["secret"], [..."a secret b"], "a *** b"],
		["twice, side by side", ["secret"], ["secretsecret"], "******"],
		["only its beginning", ["secret"], ["a secre", ""], "a secre"],
		["overlapping", ["abcd", "cdef"], ["xabcdefx"], "x***x"],
		["one in the other", ["abcd", "bc"], ["xabcdx", "xbcx"], "x***xx**x"],
		["the end of one begins another", ["aab", "abab"], ["aa", "bab", "."], "***."],
		["shorter than the mask", ["ab"], ["xabx"], "x**x"],
		["several lines", ["a\nb\nc"], ["1a\n", "b\nc2"], "1***2"],
	])("%s", (_, secrets, pieces, masked) => {
		expect(mask(secrets, pieces)).toBe(masked)
	})

	test("holds back what may be a secret, and nothing else", () => {
		const { stream, given } = createStream(["secret", "crab"])
		for (const piece of ["Password: ", "se", "cr", "x", "secr"]) stream.push(encode(piece))
		expect(given).toEqual(["Password: ", "secrx"])
		stream.flush()
		expect(given.at(-1)).toBe("secr")
	})
})

test.each([
	["the beginning of one is left out, its end masked", "x secre", 5, ["cret y"], "x *** y"],
	["its end in pieces", "x", 0, ["c", "r", "et", " y"], "x*** y"],
	["no half of any", "x", 0, ["tea"], "x*ea"],
	["a whole one right behind the cut", "x", 0, ["secret y"], "x*** y"],
	["a half that overlaps a whole", "x", 0, ["etc/shadow y"], "x*** y"],
])("at a cut %s", (_, before, lost, after, masked) => {
	const { stream, given } = createStream(["secret", "tc/shadow"])
	stream.push(encode(before))
	expect(stream.cut(after.map(encode))).toBe(lost)
	for (const piece of after) stream.push(encode(piece))
	stream.flush()
	expect(given.join("")).toBe(masked)
})

test("a cut anywhere leaks no byte of a secret that stands alone", () => {
	const secret = "0123456789"
	for (let from = 0; from <= 14; from++)
		for (let to = from; to <= 14; to++) {
			const text = `xx${secret}xx`
			const { stream, given } = createStream([secret])
			stream.push(encode(text.slice(0, from)))
			stream.cut([encode(text.slice(to))])
			stream.push(encode(text.slice(to)))
			stream.flush()
			expect(given.join("").replaceAll(/[x*]/g, "")).toBe("")
		}
})

test("256 MiB go through in bounded time, and long repetitive secrets cost no more", () => {
	const values = [encode("a".repeat(50_000)), encode(`${"ab".repeat(20_000)}c`)]
	let size = 0
	const stream = new MaskStream(values, new Needles(values), (bytes) => {
		size += bytes.length
	})
	const piece = encode("ab".repeat(32 * 1024))
	const start = performance.now()
	for (let count = 0; count < 64; count++) stream.push(piece)
	stream.flush()
	expect(size).toBe(64 * piece.length)
	expect(performance.now() - start).toBeLessThan(10_000)
})

describe("secrets", () => {
	const secrets = (entries: string[], variables: Record<string, string> = {}) =>
		new Secrets(entries, (name) => variables[name])

	test.each([
		["a literal", ["hunter22"], "x hunter22 x", "x *** x"],
		["a literal dollar", ["$$ecret"], "x $ecret $$ecret", "x *** $***"],
		["a variable of the runner's", ["$TOKEN"], "TOKEN=tok-1 $TOKEN", "TOKEN=*** $TOKEN"],
		["an empty variable", ["$EMPTY", "$MISSING"], "abc", "abc"],
		["no ASCII", ["Grüße 🛠"], "Grüße 🛠!", "***!"],
		["lines of one with several", ["first line\n  ab\n  third line \r\n"], "third line: ab first line", "***: ab ***"],
	])("%s", (_, entries, text, masked) => {
		expect(secrets(entries, { TOKEN: "tok-1", EMPTY: "" }).maskText(text)).toBe(masked)
	})

	test("values that a shell told are masked too, of any bytes, and stay masked", () => {
		const known = secrets(["$TOKEN"])
		expect(known.maskText("one two")).toBe("one two")
		expect(known.learn([encode("one")])).toBe(true)
		expect(known.learn([encode("two"), new Uint8Array()])).toBe(true)
		expect(known.maskText("one two")).toBe("*** ***")
		const given: string[] = []
		known.learn([Uint8Array.of(0xff, 0x00, 0xfe)])
		const stream = known.createStream((bytes) => given.push(latin1(bytes)))
		stream.push(Uint8Array.of(0x41, 0xff, 0x00, 0xfe, 0x42))
		expect(given.join("")).toBe("A***B")
	})

	test("a value that is too long to look for is said to be", () => {
		const known = secrets(["$A"])
		expect(known.learn([new Uint8Array(300_000).fill(65)])).toBe(false)
		expect(known.learn([encode("short")])).toBe(false)
		expect(known.maskText("anything")).toBe("[left out: what must be masked is too long to look for]")
		const long = secrets(["$A"], { A: "x".repeat(300_000) })
		expect([long.learn([]), long.maskReason({ phase: "closure", message: "x" }).message]).toEqual([
			false,
			"[left out: what must be masked is too long to look for]",
		])
	})

	test("as many texts as a module may name are masked, and leave room for a variable", () => {
		const texts = Array.from({ length: 100 }, (_, index) => `${index}-${"ü".repeat(1000)}`)
		const known = secrets([...texts, "$A"])
		expect(known.learn([encode("y".repeat(200_000))])).toBe(true)
		expect(known.maskText(`a ${texts[99]} b ${"y".repeat(200_000)} c`)).toBe("a *** b *** c")
	})

	test("a reason is masked in every part", () => {
		const reason = { phase: "closure", message: "m tok-1", command: "c tok-1", output: "o tok-1", details: ["d tok-1"] }
		const masked = { phase: "closure", message: "m ***", command: "c ***", output: "o ***", details: ["d ***"] }
		expect(secrets(["tok-1"]).maskReason(reason as never)).toEqual(masked)
	})
})

test.each<[string, string[]]>([
	["TOKEN=abc ./run", ["abc"]],
	["export TOKEN=abc; X_TOKEN=no", ["abc"]],
	["TOKEN='a b' x", ["a b", "'a b'"]],
	['TOKEN="a \\" b" x', ['a " b', '"a \\" b"']],
	["TOKEN=a\\ b'c' x", ["a bc", "a\\ b'c'"]],
	["TOKEN=$(cat /etc/token)", []],
	['TOKEN="$OTHER"; TOKEN=`x`', []],
	["TOKEN= x; TOKEN='' y", []],
	["TOKEN='$not'", ["$not", "'$not'"]],
	[`TOKEN=${"x".repeat(1_000_000)}`, []],
])("%s spells out %j", (command, values) => {
	expect(findAssigned(command, ["TOKEN"])).toEqual(values)
})
