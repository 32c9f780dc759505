import fc from "fast-check"
import { expect, test } from "vitest"
import { PLAIN_TEXT_LIMIT, plainText, quoted } from "../../../../core/schema/plain-text.ts"

const rows: [text: string, plain: string][] = [
	["", ""],
	["Zoë’s 補丁 👩‍💻", "Zoë’s 補丁 👩‍💻"],
	["a\nb\tc\rd", "a\\nb\\tc\\rd"],
	["\x1b[1;31mred\x1b[0m", "red"],
	["\x1b]0;title\x07x\x1b]8;;http://e\x1b\\y", "xy"],
	["\x1b[2J\x1bcx", "\\u{1b}cx"],
	["\x9b31mx\x00\x7f", "\\u{9b}31mx\\u{0}\\u{7f}"],
	["\u202egnp.exe\u2069", "\\u{202e}gnp.exe\\u{2069}"],
	["a\u200bb\ufeff\u2028", "a\\u{200b}b\\u{feff}\\u{2028}"],
	["\ud800x\udc00", "\\u{d800}x\\u{dc00}"],
]
test.each(rows)("%j", (text, plain) => expect(plainText(text)).toBe(plain))

test("is cut at a character, never inside one, and says so", () => {
	expect(plainText("😀".repeat(300))).toBe("😀".repeat(300))
	expect(plainText("😀".repeat(301))).toBe(`${"😀".repeat(299)}…`)
	expect(plainText("x".repeat(10_000_000))).toHaveLength(PLAIN_TEXT_LIMIT)
	expect(quoted("x".repeat(100))).toBe(`"${"x".repeat(79)}…"`)
})

test("any text becomes one safe line within the limit", () => {
	fc.assert(
		fc.property(fc.string({ unit: "binary", maxLength: 1000 }), fc.integer({ min: 1, max: 400 }), (text, limit) => {
			const plain = plainText(text, limit)
			expect(plain).not.toMatch(/[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u)
			expect([...plain].length).toBeLessThanOrEqual(limit)
		}),
	)
})
