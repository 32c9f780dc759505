import { expect, test } from "vitest"
import { expectDuration, type PoolDuration } from "../../../../core/schema/expect-duration.ts"

/** "run appliance pool milliseconds" */
function past(...rows: string[]): PoolDuration[] {
	return rows.map((row) => {
		const [run = "", applianceId = "", pool = "", durationMs] = row.split(" ")
		return { run, applianceId, pool, durationMs: Number(durationMs) }
	})
}

test.each<[string, PoolDuration[], string[], { milliseconds: number; runs: number } | undefined]>([
	["nothing was ever applied", [], ["p"], undefined],
	["no pool would run", past("r1 a p 10"), [], undefined],
	["once, here", past("r1 a p 10"), ["p"], { milliseconds: 10, runs: 1 }],
	[
		"the middle one of three, whatever the order",
		past("r1 a p 900", "r2 a p 10", "r3 a p 30"),
		["p"],
		{ milliseconds: 30, runs: 3 },
	],
	[
		"between the two in the middle",
		past("r1 a p 40", "r2 a p 10", "r3 a p 20", "r4 a p 30"),
		["p"],
		{ milliseconds: 25, runs: 4 },
	],
	[
		"here counts, elsewhere does not",
		past("r1 a p 10", "r2 b p 500", "r3 c p 500"),
		["p"],
		{ milliseconds: 10, runs: 1 },
	],
	["never here: anywhere", past("r2 b p 500", "r3 c p 300"), ["p"], { milliseconds: 400, runs: 2 }],
	[
		"pools add up, runs count once",
		past("r1 a p 10", "r1 a q 5", "r2 a q 7"),
		["p", "q"],
		{ milliseconds: 16, runs: 2 },
	],
	["each pool from where it is known", past("r1 a p 10", "r2 b q 5"), ["p", "q"], { milliseconds: 15, runs: 2 }],
	["a pool that was never applied", past("r1 a p 10"), ["p", "q"], undefined],
	["other pools say nothing", past("r1 a other 10"), ["p"], undefined],
])("%s", (_, durations, pools, expected) => {
	expect(expectDuration(durations, "a", pools)).toEqual(expected)
})
