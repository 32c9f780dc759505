import { expect, test } from "vitest"
import type { DesktopRun } from "../../../core/schema/desktop.ts"
import { endingsOf } from "../../../renderer/views/shell/notify/endings.ts"
import { makeRun } from "../core/fleet/make.ts"

const open = (id: string, change: Partial<DesktopRun> = {}) =>
	makeRun({ id, startedAt: "2026-01-01T00:00:00Z", state: "running", ...change })
const ended = (id: string, outcome: "applied" | "failed", seconds = 31) =>
	open(id, { state: "finished", outcome, finishedAt: new Date(Date.UTC(2026, 0, 1, 0, 0, seconds)).toISOString() })

test("a long run that ended is told once, in the words of its outcome", () => {
	const told = endingsOf([open("a")], [ended("a", "failed")])
	expect(told).toEqual([{ batch: "batch-1", title: "Failed, put back", text: "hotfix 1.0.0 on Alpha" }])
	expect(endingsOf([ended("a", "failed")], [ended("a", "failed")])).toEqual([])
})

test.each([
	["a short one", [open("a")], [ended("a", "applied", 29)]],
	["one that was never seen under way", [], [ended("a", "applied")]],
	["one that goes on", [open("a")], [open("a")]],
	["a lost connection: nobody knows", [open("a")], [open("a", { state: "lost" })]],
	["one of two", [open("a"), open("b")], [ended("a", "applied"), open("b")]],
])("not told: %s", (_name, before, now) => expect(endingsOf(before, now)).toEqual([]))

test("several are told together when the last has ended", () => {
	const before = [ended("a", "applied", 5), ended("b", "applied", 6), open("c")]
	const [told] = endingsOf(before, [ended("a", "applied", 5), ended("b", "applied", 6), ended("c", "failed", 40)])
	expect(told).toMatchObject({ title: "2 applied; 1 failed, put back", text: "hotfix 1.0.0 on 3 appliances" })
})
