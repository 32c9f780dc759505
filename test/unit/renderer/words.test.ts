import { ORPCError } from "@orpc/client"
import { expect, test } from "vitest"
import type { DesktopRun } from "../../../core/schema/desktop.ts"
import type { Plan } from "../../../core/schema/plan.ts"
import { diffLines } from "../../../renderer/components/diff.tsx"
import { count, formatAgo, formatBytes, formatDuration } from "../../../renderer/components/format.ts"
import { lookOf, lookOfRun } from "../../../renderer/components/outcome.tsx"
import { sentence } from "../../../renderer/components/words.ts"
import { OfflineError, SlowError } from "../../../renderer/rpc/link.ts"
import { failureOf, problemOf } from "../../../renderer/rpc/problem.ts"
import { phaseTimes } from "../../../renderer/stores/phase-times.ts"
import { emptyPool } from "../../../renderer/stores/run-view.ts"
import { draftOf, parseDraft } from "../../../renderer/views/appliances/draft.ts"
import { summaryOf } from "../../../renderer/views/live/file-rows.tsx"
import { comingPhases } from "../../../renderer/views/live/phase-words.ts"
import { endOf, lastLines } from "../../../renderer/views/live/reason-block.tsx"
import { noteToneOf, resultWords } from "../../../renderer/views/live/result-note.tsx"
import { tokensOf } from "../../../renderer/views/run/json-tokens.ts"
import { changeWords } from "../../../renderer/views/run/review-rows.ts"
import { announcementOf } from "../../../renderer/views/shell/announcer.tsx"
import { makeRun } from "../core/fleet/make.ts"

test.each([
	[0, "0 ms"],
	[999, "999 ms"],
	[4210, "4.2 s"],
	[59_990, "1 min 00 s"],
	[185_000, "3 min 05 s"],
	[3_720_000, "1 h 02 min"],
])("%d ms is %s", (time, words) => expect(formatDuration(time)).toBe(words))

test.each([
	[0, "0 B"],
	[1023, "1023 B"],
	[1536, "1.5 KiB"],
	[150 * 1024, "150 KiB"],
	[12_884_901_888, "12.0 GiB"],
])("%d bytes are %s", (bytes, words) => expect(formatBytes(bytes)).toBe(words))

test.each([
	["2026-11-23T01:59:50Z", "just now"],
	["2026-11-23T01:45:00Z", "15 min ago"],
	["2026-11-22T20:00:00Z", "6 h ago"],
	["2026-11-20T02:00:00Z", "3 days ago"],
	["not a time", "not a time"],
])("%s was %s", (time, words) => expect(formatAgo(time, Date.parse("2026-11-23T02:00:00Z"))).toBe(words))

test("one and many", () => expect([count(1, "pool"), count(2, "pool")]).toEqual(["1 pool", "2 pools"]))

test("a message becomes a sentence", () => {
	expect(sentence("the id is taken")).toBe("The id is taken.")
	expect(sentence("Already one.")).toBe("Already one.")
})

type Pools = DesktopRun["pools"]
test.each<[string, Pools, DesktopRun["finalClosure"], string]>([
	["all well", [{ pool: "a", outcome: "applied" }], { outcome: "passed" }, "1 pool applied, the final closure passed."],
	[
		"put back",
		[
			{ pool: "a", outcome: "applied" },
			{ pool: "b", outcome: "failed", reason: { phase: "closure", message: "m" } },
		],
		{ outcome: "not-run" },
		"1 pool failed and was put back, 1 pool applied.",
	],
	[
		"nothing touched",
		[{ pool: "b", outcome: "failed", reason: { phase: "preflight", message: "m" } }],
		undefined,
		"1 pool failed before anything was touched.",
	],
	[
		"the worst first",
		[
			{ pool: "a", outcome: "applied" },
			{ pool: "b", outcome: "degraded" },
			{ pool: "c", outcome: "degraded" },
		],
		{ outcome: "not-run" },
		"2 pools are degraded, 1 pool applied.",
	],
	["nothing to do", [{ pool: "a", outcome: "unchanged" }], undefined, "1 pool stood applied already."],
	["no pools", [], undefined, "Nothing was to be done."],
])("a run's result: %s", (_, pools, finalClosure, words) => {
	expect(resultWords({ kind: "apply", pools, finalClosure })).toBe(words)
})

test("the phases still to come, as far as can be told", () => {
	expect(comingPhases(["preflight"], true)).toEqual(["backup", "apply", "closure"])
	expect(comingPhases(["preflight", "baseline"], true)).toEqual(["backup", "apply", "closure", "checks"])
	expect(comingPhases(["preflight", "backup", "apply", "closure", "restore"], true)).toEqual([])
	expect(comingPhases(["preflight"], false)).toEqual([])
})

test("each phase where it began and as long as it took; the open one ends now", () => {
	const at = (second: number) => new Date(Date.UTC(2026, 10, 23, 2, 0, second)).toISOString()
	const pool = {
		...emptyPool,
		startedAt: at(0),
		phases: [
			{ phase: "preflight" as const, startedAt: at(0), ok: true, durationMs: 1000 },
			{ phase: "backup" as const, startedAt: at(2), ok: true, durationMs: 2000 },
			{ phase: "apply" as const, startedAt: at(4) },
		],
	}
	const times = (now: number) => phaseTimes(pool, now).map(({ from, share, startMs }) => [from, share, startMs])
	expect(times(Date.parse(at(8)))).toEqual([
		[0, 1 / 8, 0],
		[0.25, 0.25, 2000],
		[0.5, 0.5, 4000],
	])
	// The clock over there is ahead of ours.
	expect(times(Date.parse(at(1)))).toEqual([
		[0, 0.25, 0],
		[0.5, 0.5, 2000],
		[1, 0, 4000],
	])
	expect(phaseTimes(emptyPool, 0)).toEqual([])
})

test("how a command ended", () => {
	expect(endOf({ exit: 3 })).toBe("exit status 3")
	expect(endOf({ signal: "SIGKILL" })).toBe("signal SIGKILL")
	expect(endOf({ timedOut: true, signal: "SIGKILL" })).toMatch(/time/)
	expect(endOf({})).toBeUndefined()
})

test("last output is plain text and short", () => {
	const output = `${Array.from({ length: 30 }, (_, line) => `line ${line}`).join("\n")}\n\u001b[31m<b>end</b>\u001b[0m\n`
	expect(lastLines(output).split("\n")).toHaveLength(12)
	expect(lastLines(output).endsWith("line 29\n<b>end</b>")).toBe(true)
})

test("what became of the files in the end", () => {
	const file = (...actions: ("replaced" | "restored" | "removed" | "verified" | "created")[]) => ({
		destination: "d",
		actions,
	})
	expect(
		summaryOf([file("replaced", "restored", "verified"), file("created", "removed"), file("replaced", "restored")]),
	).toBe("2 put back, 1 removed again")
})

test("a plan's changes in words, without what is skipped", () => {
	const operation = (change: string) => ({ change })
	const pools = [
		{ would: "apply", operations: ["create", "create", "replace", "unchanged", "blocked"].map(operation) },
		{ would: "skip", operations: [operation("create")] },
	]
	expect(changeWords({ pools } as unknown as Plan)).toBe("2 new files, 1 replaced, 1 unchanged, 1 blocked")
	expect(changeWords({ pools: [] } as unknown as Plan)).toBe("nothing to do")
})

test("a screen reader hears of ends, not of every change", () => {
	const run = { applianceName: "A", state: "running", pools: [{ pool: "p" }] } as unknown as DesktopRun
	expect(announcementOf(undefined, run)).toBeUndefined()
	expect(announcementOf(run, run)).toBeUndefined()
	expect(announcementOf(run, { ...run, pools: [{ pool: "p", phase: "apply" }] })).toBeUndefined()
	expect(announcementOf(run, { ...run, pools: [{ pool: "p", outcome: "failed" }] })).toBe("A: p Failed, put back")
	expect(announcementOf(run, { ...run, state: "finished", outcome: "applied" })).toBe("A: run ended, Applied")
	expect(announcementOf(run, { ...run, state: "lost" })).toBe("A: connection lost")
})

test("a diff without its file headers; lines that only look like headers stay", () => {
	const lines = diffLines("--- a\n+++ b\n@@ -1 +1 @@\n-old\n+new\n--- still a removed line\n same\n")
	expect(lines.map((line) => line.kind)).toEqual(["hunk", "removed", "added", "removed", "same"])
})

test("the pieces of a line of JSON are the line again", () => {
	const line = '  "a\\"b": ["x: 1", -2.5e3, true, null], broken "'
	const tokens = tokensOf(line)
	expect(tokens.map((token) => token.text).join("")).toBe(line)
	expect(tokens.filter((token) => token.kind !== "plain").map((token) => token.kind)).toEqual([
		...["key", "string", "value", "value", "value"],
	])
})

test("an appliance as it is typed: what is wrong, field by field", () => {
	const empty = parseDraft({ ...draftOf(undefined), user: " ", host: "root@x", port: 70_000, method: "key" })
	expect(Object.keys(empty.errors).sort()).toEqual(["host", "keyPath", "name", "port", "user"])
	expect(empty.appliance).toBeUndefined()
})

test("an appliance as it is typed: blanks at the ends go, an empty port is 22", () => {
	const draft = { ...draftOf(undefined), name: " N ", host: " h ", port: "", method: "key" as const, keyPath: " /k " }
	expect(parseDraft(draft).appliance).toMatchObject({
		name: "N",
		host: "h",
		port: 22,
		signIn: { method: "key", path: "/k" },
	})
	expect(draftOf({ ...parseDraft(draft).appliance, id: "x" } as never)).toMatchObject({
		name: "N",
		keyPath: "/k",
		port: 22,
	})
})

test("jump hosts as they are typed: blanks go, nothing is no jump host, and what is none is said", () => {
	const typed = (jump: string) => parseDraft({ ...draftOf(undefined), name: "n", host: "h", jump })
	expect(typed(" root@bastion:2222, inner ").appliance?.jump).toBe("root@bastion:2222,inner")
	expect(typed("none").appliance?.jump).toBe("none")
	expect(typed(" ").appliance).not.toHaveProperty("jump")
	expect(typed("a,,b").errors).toHaveProperty("jump")
	expect(draftOf({ ...typed("a,b").appliance, id: "x" } as never).jump).toBe("a,b")
})

test("every problem is told in words, none with a stack trace or an inner message", () => {
	const failure = new ORPCError("FAILURE", { defined: true, data: { code: "refused", data: { host: "h", port: 22 } } })
	expect(failureOf(failure)?.code).toBe("refused")
	for (const error of [
		failure,
		new OfflineError(),
		new SlowError(),
		new Error("TypeError at x.ts:1"),
		"text",
		undefined,
	]) {
		const { what, next } = problemOf(error)
		expect(what).toMatch(/\.$/)
		expect(next).toMatch(/\.$/)
		expect(what).not.toMatch(/x\.ts|Error/)
	}
})

test.each([
	["apply", "Applied", "1 pool applied."],
	["rehearse", "Passed, put back", "1 pool passed, and was put back."],
	["revert", "Put back", "1 pool was put back."],
] as const)("what a run of the kind %s did is not told as another one", (kind, word, words) => {
	expect(lookOf("applied", undefined, kind).word).toBe(word)
	expect(resultWords({ kind, pools: [{ pool: "p", outcome: "applied" }], finalClosure: undefined })).toBe(words)
})

test.each([
	["apply", "closure", "Failed, put back", "1 pool failed and was put back."],
	["apply", "preflight", "Failed, nothing touched", "1 pool failed before anything was touched."],
	["rehearse", "closure", "Failed, put back", "1 pool failed and was put back."],
	["revert", "closure", "Not put back", "1 pool could not be put back."],
	["revert", "preflight", "Not put back", "1 pool could not be put back."],
] as const)("a %s that failed in its %s is not told as one that went well", (kind, phase, word, words) => {
	const reason = { phase, message: "m" }
	expect(lookOf("failed", reason, kind).word).toBe(word)
	expect(resultWords({ kind, pools: [{ pool: "p", outcome: "failed", reason }], finalClosure: undefined })).toBe(words)
})

test.each([
	["applied", "passed", "good", "Applied"],
	["unchanged", "passed", "mute", "Unchanged"],
	["applied", "failed", "warn", "Final closure failed"],
	["unchanged", "failed", "warn", "Final closure failed"],
	["failed", "not-run", "warn", "Failed, put back"],
	["degraded", "not-run", "bad", "Degraded"],
] as const)(
	"a run that ended %s with its final closure %s is told as %s, and is heard so",
	(outcome, final, tone, word) => {
		const open = makeRun({ applianceName: "A", state: "running" })
		const run: DesktopRun = { ...open, state: "finished", outcome, finalClosure: { outcome: final } }
		expect(noteToneOf(run)).toBe(tone)
		expect(announcementOf(open, run)).toBe(`A: run ended, ${word}`)
		expect(lookOfRun(run).word).toBe(word)
	},
)
