import { expect, test } from "vitest"
import { printHistory, printStatus } from "../../../../core/runner/text/history-text.ts"
import type { HistoryRun } from "../../../../core/schema/history.ts"

const digest = "0".repeat(64)
const run: HistoryRun = {
	run: "r1",
	kind: "apply",
	module: { name: "m", version: "1.0.0", digest },
	startedAt: "2026-01-01T00:00:00.000Z",
	state: "finished",
	outcome: "failed",
	interrupted: true,
	finalClosure: { outcome: "passed" },
	pools: [
		{
			pool: "p",
			outcome: "failed",
			reason: { phase: "closure", message: "`npm build` ended with status 1" },
			phases: [],
			files: [],
			commands: [],
			durationMs: 1,
		},
	],
}

test("history: one run after the other, with the reasons", () => {
	expect(printHistory([run, { ...run, run: "r2", state: "open", interrupted: false, pools: [] }]).join("\n")).toBe(
		`2026-01-01T00:00:00.000Z  r1  apply m 1.0.0: failed, interrupted and recovered
  p  failed  \`npm build\` ended with status 1
  final closure passed
2026-01-01T00:00:00.000Z  r2  apply m 1.0.0: not ended
  final closure passed`,
	)
	expect(printHistory([])).toEqual(["no run is remembered here"])
})

test("history: what could not be put back is said file by file", () => {
	const reason = { phase: "closure" as const, message: "it failed", details: ["cannot restore /etc/a", "\u001b[2J"] }
	const pools = run.pools.map((pool) => ({ ...pool, outcome: "degraded" as const, reason }))
	const lines = printHistory([{ ...run, pools }])
	expect(lines).toContain("    p: cannot restore /etc/a")
	expect(lines.join("")).not.toContain("\u001b")
})

test("status: what goes on, what waits for recovery, what stands", () => {
	const pools = [{ pool: "p", outcome: "applied" as const, run: "r1", at: "2026-01-01T00:00:00.000Z" }]
	expect(
		printStatus({
			runnerVersion: "0.1.0",
			running: { run: "r9", since: "2026-01-02T00:00:00.000Z", by: "anna" },
			interrupted: ["r8"],
			modules: [{ name: "m", version: "1.0.0", digest, pools }],
		}),
	).toEqual([
		"run r9 is going on since 2026-01-02T00:00:00.000Z by anna",
		"run r8 ended without a word: run `hotfix-runner recover`",
		"m 1.0.0",
		"  p  applied  2026-01-01T00:00:00.000Z  r1",
	])
})
