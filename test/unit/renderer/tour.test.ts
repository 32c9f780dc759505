import { beforeAll, expect, test, vi } from "vitest"
import type { DesktopState } from "../../../core/schema/desktop.ts"
import { currentStep, steps, type TourFacts } from "../../../renderer/views/tour/steps.ts"
import { makeAppliance, makeRun } from "../core/fleet/make.ts"

beforeAll(() => vi.stubGlobal("CSS", { escape: (text: string) => text }))

const empty: DesktopState = { appliances: [], recentModules: [], runs: [], questions: [], notices: [] }
const since = "2026-01-01T00:00:00Z"
const demo: DesktopState = { ...empty, appliances: [{ ...makeAppliance(), embedded: true }] }
const opened = { opened: { folder: "/d", name: "web-security", text: "", findings: [], sources: [] }, plans: {} }
const closed = { plans: {} }
const planned = { ...opened, plans: { a1: { state: "made" as const, plan: {} as never } } }
const failed = makeRun({ id: "f", batch: "b", state: "finished", outcome: "failed", startedAt: "2026-01-02T00:00:00Z" })
const ran: DesktopState = { ...demo, runs: [failed] }
const facts = (part: Partial<TourFacts>): TourFacts => ({
	state: empty,
	workspace: closed,
	route: { view: "run" },
	since,
	...part,
})
const nameAt = (part: Partial<TourFacts>, reached = 0) => steps[currentStep(facts(part), reached)]?.name

test.each([
	["an empty program", {}, 0, "demo"],
	["the demo is there", { state: demo }, 0, "module"],
	["its module is open", { state: demo, workspace: opened }, 1, "plan"],
	[
		"another module is open",
		{ state: demo, workspace: { ...opened, opened: { ...opened.opened, name: "x" } } },
		1,
		"module",
	],
	["it is planned", { state: demo, workspace: planned }, 2, "run"],
	["loaded anew on the way: the module first", { state: demo }, 3, "module"],
	["it ran", { state: ran, workspace: opened }, 3, "put-back"],
	["it ran before the tour began", { state: ran, workspace: opened, since: "2026-01-03T00:00:00Z" }, 3, "run"],
	["what was put back is shown", { state: ran, route: { view: "live", batch: "b", run: "f" } }, 4, "history"],
	["another run is shown", { state: ran, route: { view: "live", batch: "b", run: "x" } }, 4, "put-back"],
	["seen once is seen", { state: ran, route: { view: "run" } }, 5, "history"],
	["the history", { state: ran, route: { view: "history" } }, 5, "revert"],
	[
		"reverted",
		{ state: { ...ran, runs: [makeRun({ kind: "revert", startedAt: "2026-01-02T00:00:00Z" })] } },
		6,
		undefined,
	],
	["skipped to the end", {}, 7, undefined],
] satisfies [string, Partial<TourFacts>, number, string | undefined][])("%s", (_name, part, reached, expected) =>
	expect(nameAt(part, reached)).toBe(expected),
)

test("what was put back is pointed at by its address, also while it still goes on", () => {
	const step = steps.find(({ name }) => name === "put-back")
	expect(step?.control(facts({ state: ran }))).toBe('a[href="#/runs/b/f"]')
	expect(
		step?.route(facts({ state: { ...demo, runs: [makeRun({ id: "o", startedAt: failed.startedAt })] } })),
	).toMatchObject({
		run: "o",
	})
})
