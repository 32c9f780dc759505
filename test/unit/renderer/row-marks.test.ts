import { expect, test } from "vitest"
import type { GridCell } from "../../../core/schema/history-grid.ts"
import { pathsOf } from "../../../renderer/views/history/row-marks.tsx"

const cell = (outcome: GridCell["outcome"], kind: GridCell["kind"] = "apply"): GridCell => ({
	...{ runId: "r", moduleVersion: "1.0.0", finishedAt: "2026-01-01T00:00:00Z" },
	...{ outcome, kind },
})

test("every cell that ran has its icon, in the middle of its place and in its tone", () => {
	const cells = [cell("applied"), null, cell("failed"), cell("applied"), cell("degraded")]
	const paths = pathsOf(cells, 70, 50)
	const beginnings = (of: string) => {
		const { icons = "", patches = "" } = paths.find(({ tone }) => tone === of) ?? {}
		const [corners, behind] = [icons, patches].map((path) => path.match(/M[\d.]+ [\d.]+/g))
		expect(behind).toEqual(corners)
		return corners
	}
	expect(paths.map(({ tone }) => tone)).toEqual(["good", "warn", "bad"])
	expect(beginnings("good")).toEqual(["M23.0 13.0", "M233.0 13.0"])
	expect(beginnings("warn")).toEqual(["M163.0 13.0"])
	expect(beginnings("bad")).toEqual(["M303.0 13.0"])
})

test("every outcome has a shape of its own, and so has what was put back", () => {
	const shape = (...of: Parameters<typeof cell>) => pathsOf([cell(...of)], 24, 24)[0]?.icons
	const outcomes = (["applied", "unchanged", "failed", "degraded", "skipped"] as const).map((outcome) => shape(outcome))
	expect(new Set(outcomes).size).toBe(5)
	expect(shape("applied", "revert")).toBe(shape("failed"))
	expect(shape("applied", "rehearse")).toBe(shape("applied"))
})
