import { expect, test } from "vitest"
import { type Rollout, rolloutSchema } from "../../../../../core/schema/rollout.ts"
import { play } from "./schedules.ts"

/** Schedules of failures, lost connections, restarts of the desktop and people's actions. */
const SCHEDULES = 100_000

test("whatever happens: no appliance twice, none forgotten, budgets kept, halted is halted, undone is what was applied", () => {
	const seen = new Map<string, number>()
	for (let seed = 1; seed <= SCHEDULES; seed++) {
		const end = play(seed)
		seen.set(end.status.state, (seen.get(end.status.state) ?? 0) + 1)
		if (seed % 1000 === 0) expect(rolloutSchema.parse(JSON.parse(JSON.stringify(end)))).toEqual(end satisfies Rollout)
	}
	// The schedules do reach every end.
	expect([...seen.keys()].sort()).toEqual(["finished", "undone"])
	for (const count of seen.values()) expect(count).toBeGreaterThan(SCHEDULES / 20)
}, 480_000)
