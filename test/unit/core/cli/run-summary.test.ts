import { stripVTControlCharacters } from "node:util"
import { expect, test } from "vitest"
import { outcomeMark } from "../../../../core/cli/run-summary.ts"

test.each([
	["apply", "applied", "✔ applied"],
	["apply", "failed", "↩ failed, put back"],
	["rehearse", "applied", "✔ passed, put back"],
	["rehearse", "failed", "↩ failed, put back"],
	["revert", "applied", "↩ put back"],
	["revert", "failed", "↩ not put back"],
	["revert", "degraded", "✖ DEGRADED"],
] as const)("a pool of a %s that ended %s is marked %s", (kind, outcome, mark) => {
	expect(stripVTControlCharacters(outcomeMark(outcome, kind))).toBe(mark)
})
