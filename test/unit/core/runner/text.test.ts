import { expect, test } from "vitest"
import { printHistory, printStatus } from "../../../../core/runner/text/history-text.ts"
import { printPlan } from "../../../../core/runner/text/plan-text.ts"
import { makeSize, makeTable } from "../../../../core/runner/text/table.ts"
import type { HistoryRun } from "../../../../core/schema/history.ts"
import type { Plan, PlannedOperation } from "../../../../core/schema/plan.ts"

const digest = "0".repeat(64)
const operation: PlannedOperation = {
	target: "a.tsx",
	destination: "/var/www/a.tsx",
	change: "replace",
	sizeBefore: 1000,
	sizeAfter: 2048,
	makes: [],
	drift: "changed",
	faults: [],
}
const plan: Plan = {
	module: { name: "homeserver-fix", version: "1.1.0", digest },
	installedVersion: "1.0.9",
	pools: [
		{
			pool: "website",
			description: "Frontend fixes",
			would: "fail-preflight",
			operations: [
				operation,
				{
					...operation,
					destination: "/etc/b",
					change: "blocked",
					drift: "never-ours",
					sizeBefore: undefined,
					makes: ["/etc/new"],
					linkTo: "/opt/b",
					faults: ["it is a folder"],
				},
			],
			checks: ["test -e /etc/b"],
			closure: ["cd /var/www", "npm build\x1b[31m"],
			timeoutSeconds: 300,
			warnings: ["touches sshd"],
		},
	],
	finalClosure: ["curl -f http://localhost:5000/health"],
	space: { neededBytes: 4096, freeBytes: 3.5 * 1024 ** 3 },
	findings: [],
	refusal: "the version is lower",
}

test("a plan is a table of files, then the commands in their order", () => {
	expect(printPlan(plan).join("\n")).toBe(`homeserver-fix 1.1.0 (1.0.9 stands here now)
a run would be refused: the version is lower

pool website: would fail before anything is touched
  Frontend fixes
  replace  /var/www/a.tsx  1000 B -> 2 KiB  changed since we wrote it
  blocked  /etc/b          2 KiB            a link to /opt/b, makes /etc/new
  fault: /etc/b: it is a folder
  check    test -e /etc/b
  closure  cd /var/www
  closure  npm build
  warning: touches sshd

when every pool stands applied
  closure  curl -f http://localhost:5000/health

needs 4 KiB on disk, 3.5 GiB are free`)
})

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

test.each([
	[0, "0 B"],
	[1023, "1023 B"],
	[1024, "1 KiB"],
	[1536, "1.5 KiB"],
	[123_456_789, "118 MiB"],
	[2 ** 50, "1024 TiB"],
])("%d bytes are %s", (bytes, text) => expect(makeSize(bytes)).toBe(text))

test("columns are as wide as their widest cell", () => {
	expect(
		makeTable(
			[
				["a", "bbb", ""],
				["aa", "b", "c"],
			],
			" ",
		),
	).toEqual([" a   bbb", " aa  b    c"])
})
