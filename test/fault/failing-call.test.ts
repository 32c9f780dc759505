import { expect, test } from "vitest"
import { failEach } from "./fail-each.ts"
import { failAt, failFrom } from "./faults.ts"
import { findTruth } from "./process.ts"
import { type Scenario, scenarios } from "./scenarios.ts"

/** A machine may be busy with other things. */
const LIMIT = 1_200_000

const codes = ["ENOSPC", "EIO", "EROFS", "EACCES"]
/** To the engine EROFS is what EIO is. */
const distinct = codes.filter((code) => code !== "EROFS")

test.each(distinct)(
	"%s at every call, one at a time",
	async (code) => {
		expect(await failEach(await findTruth(scenarios.tiny), (call) => failAt(call, code))).toBeGreaterThan(100)
	},
	LIMIT,
)

/** They call the disk as others do: every fifth of their calls is tried. */
const repeating: Scenario[] = [scenarios.rehearse, scenarios.modify]

/** What the engine does depends on few of these codes; in the larger scenarios each call gets one of them in turn. */
test.each(Object.values(scenarios))(
	"$name: every call fails, one at a time",
	async (scenario) => {
		const failing = (call: number) => failAt(call, codes[call % codes.length] ?? "EIO")
		const every = repeating.includes(scenario) ? 5 : 1
		expect(await failEach(await findTruth(scenario), failing, every)).toBeGreaterThan(100)
	},
	LIMIT,
)

test.each(["ENOSPC", "EROFS"])(
	"%s from every call on",
	async (code) => {
		expect(await failEach(await findTruth(scenarios.tiny), (call) => failFrom(call, code))).toBeGreaterThan(100)
	},
	LIMIT,
)
