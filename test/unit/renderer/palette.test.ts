import { describe, expect, test } from "vitest"
import type { DesktopState } from "../../../core/schema/desktop.ts"
import { entriesOf, findEntries } from "../../../renderer/views/palette/entries.ts"
import { fitOf } from "../../../renderer/views/palette/fuzzy.ts"
import { shortcuts } from "../../../renderer/views/shell/shortcut-list.ts"
import { makeAppliance, makeRun } from "../core/fleet/make.ts"

describe("what fits", () => {
	test.each([
		["go his", "Go to History", true],
		["gth", "Go to History", true],
		["HISTORY go", "go to history", true],
		["ws11", "web-security 1.1.0", true],
		["", "anything", true],
		["yrots", "Go to History", false],
		["go his x", "Go to History", false],
	])("%j in %j: %s", (typed, text, fits) => expect(fitOf(typed, text) !== undefined).toBe(fits))

	test.each([
		["whole words before scattered letters", "run", "Run it", "restore until now"],
		["beginnings of words before middles", "gh", "Go History", "weigh"],
		["close together before far apart", "ab", "xa xxb", "xa xxxxxxxxxxxxxxxxxxxxxb"],
	])("%s", (_name, typed, better, worse) =>
		expect(fitOf(typed, better) ?? Number.NaN).toBeGreaterThan(fitOf(typed, worse) ?? Number.NaN),
	)

	test("a long text does not take long", () => {
		const began = performance.now()
		expect(fitOf("a".repeat(50), "a ".repeat(5000))).toBeDefined()
		expect(performance.now() - began).toBeLessThan(1000)
	})
})

describe("entries", () => {
	const state: DesktopState = {
		appliances: [
			{ ...makeAppliance({ id: "old", name: "Old" }), embedded: false, lastSeen: "2026-01-01T00:00:00Z" },
			{ ...makeAppliance({ id: "new", name: "New" }), embedded: false, lastSeen: "2026-02-01T00:00:00Z" },
			{ ...makeAppliance({ id: "never", name: "Never" }), embedded: false },
		],
		recentModules: [{ folder: "/m/web", name: "web", openedAt: "2026-01-01T00:00:00Z" }],
		runs: Array.from({ length: 9 }, (_, index) => makeRun({ id: `r${index}` })),
		questions: [],
		notices: [],
	}
	const titles = (typed: string, canPlan = false) =>
		findEntries(entriesOf(state, { canPlan }), typed).map(({ id }) => id)

	test("nothing typed: the newest few of each kind, those seen last first, then commands", () => {
		expect(titles("").slice(0, 9)).toEqual([
			...["run r0", "run r1", "run r2", "run r3"],
			...["module /m/web", "appliance new", "appliance old", "appliance never", "open"],
		])
	})
	test("typed: also what is not recent, the best first", () => {
		expect(titles("hotfix on alpha")).toHaveLength(9)
		expect(titles("go history")[0]).toBe("go-h")
	})
	test("a plan only where a module is open, the demo only where it is not yet", () => {
		expect([titles("make plan"), titles("make plan", true)]).toEqual([[], ["plan"]])
		expect(titles("demo")).toContain("demo")
	})
	test("each id once, and every shortcut is one of the list", () => {
		const entries = entriesOf(state, { canPlan: true })
		expect(new Set(entries.map(({ id }) => id)).size).toBe(entries.length)
		for (const { shortcut } of entries) if (shortcut) expect(shortcuts).toHaveProperty(shortcut)
	})
})
