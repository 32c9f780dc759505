import { expect, test } from "vitest"
import { formatBucket } from "../../../renderer/views/history/over-time.ts"

test.each([
	["2026-11-28T23", "hour", "28 Nov, 23:00 UTC"],
	["2026-11-28", "day", "28 Nov 2026 UTC"],
	["2026-11", "month", "Nov 2026 UTC"],
	["2026", "year", "2026 UTC"],
] as const)("a bucket says whose time it is: %s", (start, unit, words) => {
	expect(formatBucket(start, unit)).toBe(words)
})
