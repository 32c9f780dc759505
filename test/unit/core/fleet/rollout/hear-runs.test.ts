import { expect, test } from "vitest"
import { createHearing, findUnderWay } from "../../../../../core/fleet/rollout/hear-runs.ts"
import type { DesktopRun } from "../../../../../core/schema/desktop.ts"
import type { Standing } from "../../../../../core/schema/rollout.ts"
import { makeRollout } from "./rollouts.ts"

const failure = { code: "timed-out", data: {} } as const

/** What is heard of one appliance's run, where it and the rollout stand so. */
function heard(standing: Standing, state: DesktopRun["state"], isUndo: boolean) {
	const [target] = makeRollout([0]).targets
	if (!target) throw new Error("a rollout of nobody")
	const stands = isUndo
		? { ...target, applied: [{ pool: "p", run: "there", undo: standing as never }] }
		: { ...target, standing }
	const hear = createHearing(() => ({ state, pools: [] }) as unknown as DesktopRun)
	return findUnderWay(stands).flatMap((one) => hear(one, 0))
}

const first: Standing = { state: "started", run: "r", since: 0 }
const again: Standing = { ...first, failure }
const lost: Standing = { state: "lost", run: "r", since: 0, failure }
const found = [{ type: "found", run: "r" }]

test.each<[string, Standing, DesktopRun["state"], unknown[]]>([
	["one that was away, while it is connected to", again, "connecting", []],
	["one that was away, while it is uploaded to", again, "uploading", []],
	["one that was away, and runs", again, "running", found],
	["one that was not away, and runs", first, "running", []],
	["one that was lost, and runs", lost, "running", found],
])("%s", (_, standing, state, events) => {
	expect(heard(standing, state, false)).toEqual(events)
	expect(heard(standing, state, true)).toEqual(events)
})
