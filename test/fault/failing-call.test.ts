import { expect, test } from "vitest"
import { failEach } from "./fail-each.ts"
import { failAt, failFrom } from "./faulty.ts"
import { findTruth } from "./process.ts"
import { scenarios } from "./scenarios.ts"

/** A machine may be busy with other things. */
const LIMIT = 300_000

/** The engine knows some of these codes, and must not know any other way out than these do. */
const codes = ["ENOSPC", "EIO", "EROFS", "EACCES"]

test.each(
	Object.values(scenarios).flatMap((scenario) => codes.map((code) => [scenario.name, code, scenario] as const)),
)(
	"%s: %s at every call, one at a time",
	async (_, code, scenario) => {
		const calls = await failEach(await findTruth(scenario), (call) => failAt(call, code))
		expect(calls).toBeGreaterThan(100)
	},
	LIMIT,
)

test.each(["ENOSPC", "EROFS"])(
	"%s from every call on",
	async (code) => {
		expect(await failEach(await findTruth(scenarios.apply), (call) => failFrom(call, code))).toBeGreaterThan(100)
	},
	LIMIT,
)
