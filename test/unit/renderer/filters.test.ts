import { beforeEach, expect, test, vi } from "vitest"
import { keepFilters, noFilters, setFilters, useFilters } from "../../../renderer/views/history/filters.ts"

beforeEach(() => useFilters.setState(noFilters))

test("what was shown last is shown again, and each choice is kept, but how many were read", () => {
	const keep = vi.fn()
	keepFilters({ shape: "grid", pool: "p", outcome: "failed" }, keep)
	expect(useFilters.getState()).toEqual({ ...noFilters, shape: "grid", pool: "p", outcome: "failed" })
	expect(keep).not.toHaveBeenCalled()
	setFilters({ pool: null, limit: 400 })
	const { limit: _, ...filters } = noFilters
	expect(keep).toHaveBeenCalledWith({ ...filters, shape: "grid", outcome: "failed" })
})

test.each([undefined, null, "x", [], { shape: "pie", pool: 7, outcome: "splendid", text: {} }])(
	"%j is as if nothing had been kept",
	(last) => {
		keepFilters(last, () => {})
		expect(useFilters.getState()).toEqual(noFilters)
	},
)
