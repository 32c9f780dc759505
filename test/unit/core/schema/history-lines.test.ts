import { expect, test } from "vitest"
import { paintLines } from "../../../../core/cli/terminal.ts"
import type { HistoryPool, HistoryRun } from "../../../../core/schema/history.ts"
import { makeRunLines } from "../../../../core/schema/history-lines.ts"

const pool = (name: string, outcome: HistoryPool["outcome"], message?: string): HistoryPool => ({
	pool: name,
	outcome,
	...(message === undefined ? {} : { reason: { phase: "closure", message, details: [`${name} in detail`] } }),
	phases: [],
	files: [],
	commands: [],
	durationMs: 1,
})
const run: HistoryRun = {
	run: "r1",
	kind: "apply",
	module: { name: "m", version: "1.0.0", digest: "0".repeat(64) },
	startedAt: "2026-01-01T00:00:00.000Z",
	by: "anna\u001b[2J",
	from: "10.0.0.7",
	state: "finished",
	outcome: "degraded",
	finalClosure: { outcome: "failed" },
	pools: [pool("one", "applied"), pool("second", "failed", "it failed"), pool("third", "degraded", "it is lost")],
}

test("a run: who asked, each pool, what could not be put back; what is bad has its tone", () => {
	expect(makeRunLines(run).map(({ tone = "plain", text }) => `${tone.padEnd(6)} ${text}`)).toEqual([
		"strong 2026-01-01T00:00:00.000Z  r1  apply m 1.0.0: degraded",
		"plain    asked by anna from 10.0.0.7",
		"plain    one     applied",
		"doubt    second  failed    it failed",
		"bad      third   degraded  it is lost",
		"plain      second: second in detail",
		"plain      third: third in detail",
		"bad      final closure failed",
	])
})

test("the desktop names the appliance", () => {
	const [head = ""] = paintLines(makeRunLines(run), "alpha\u001b[2J")
	expect(head).toContain("alpha: 2026-01-01T00:00:00.000Z  r1")
	expect(paintLines([], "alpha")).toEqual([])
})
