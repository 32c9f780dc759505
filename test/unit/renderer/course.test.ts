import { expect, test } from "vitest"
import type { GridCell } from "../../../core/schema/history-grid.ts"
import { countStanding } from "../../../renderer/views/history/course.tsx"

const cell = (outcome: GridCell["outcome"], kind: GridCell["kind"] = "apply"): GridCell => ({
	...{ runId: "r", moduleVersion: "1.0.0", finishedAt: "2026-01-01T00:00:00Z" },
	...{ outcome, kind },
})

test("every pool is counted as it stands now, reverts that did not work among them", () => {
	const cells = [
		...[cell("degraded", "revert"), cell("applied"), cell("failed"), cell("applied", "revert")],
		...[cell("failed", "revert"), cell("degraded"), cell("applied"), cell("unchanged"), cell("skipped")],
	]
	expect(countStanding(cells).map(({ look, times }) => `${times} ${look.word}`)).toEqual([
		...["1 Skipped", "1 Unchanged", "2 Applied", "1 Put back", "1 Failed, put back", "1 Not put back", "2 Degraded"],
	])
	expect(countStanding([])).toEqual([])
})
