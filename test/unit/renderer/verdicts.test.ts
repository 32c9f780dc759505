import { describe, expect, test } from "vitest"
import type { EventBody, RunEvent } from "../../../core/schema/event.ts"
import type { Phase, Reason } from "../../../core/schema/outcome.ts"
import { applyRunEvent, emptyRun } from "../../../renderer/stores/run-view.ts"
import { judge, type Rehearsal, type VerdictState } from "../../../renderer/views/editor/try/verdicts.ts"

const digest = "a".repeat(64)
const pool = "web"
const closureRed: Reason = {
	phase: "closure",
	message: "command failed",
	command: "curl",
	exit: 7,
	output: "refused\n",
}
const cancelled: Reason = { phase: "closure", message: "command was cancelled", command: "sleep 9" }

/** A tiny language: `closure` is green, `closure!` red, `closure?` never ends; `=failed` is how the pool ended. */
function tell(text: string, reason?: Reason): RunEvent[] {
	const words = text === "" ? [] : text.split(" ")
	const bodies = words.flatMap((word): EventBody[] => {
		if (word === "changed") return [{ type: "file", pool, phase: "apply", destination: "/srv/a", action: "changed" }]
		if (word === "interrupted") return [{ type: "run-finished", outcome: "failed", interrupted: true }]
		if (word === "none-to-change")
			return [{ type: "warning", pool, message: "no destination exists yet: there is nothing to change" }]
		if (word.startsWith("="))
			return [{ type: "pool-finished", pool, outcome: word.slice(1) as "applied", ...(reason && { reason }) }]
		return phaseEvents(word.replace(/[!?]$/, "") as Phase, word.at(-1) ?? "")
	})
	return bodies.map((body, index) => ({ ...body, seq: index + 1, time: "2026-01-01T00:00:00Z", run: "r" }) as RunEvent)
}

function phaseEvents(phase: Phase, end: string): EventBody[] {
	const at = { pool, phase }
	const body: EventBody[] = [{ type: "phase-started", ...at }]
	if (phase === "closure" || phase === "reclosure" || phase === "checks") {
		body.push({ type: "command-started", ...at, index: 0, command: `run ${phase}` })
		if (end !== "?") {
			body.push({ type: "command-output", ...at, index: 0, stream: "stderr", text: `said by ${phase}\n` })
			body.push({ type: "command-finished", ...at, index: 0, exit: end === "!" ? 3 : 0, durationMs: 1 })
		}
	}
	if (phase === "restore") body.push({ type: "file", ...at, destination: "/srv/a", action: "restored" })
	return end === "?" ? body : [...body, { type: "phase-finished", ...at, ok: end !== "!", durationMs: 1 }]
}

function rehearsal(text: string, reason?: Reason, run: Partial<Rehearsal["run"]> = {}): Rehearsal {
	const view = tell(text, reason).reduce(applyRunEvent, emptyRun)
	return { view, run: { state: "running", module: { name: "m", version: "1.0.0", digest }, ...run } }
}

const there = "preflight backup apply closure"
const back = "restore reclosure"
const full = `${there} ${back} =applied`
const changedFull = `preflight backup apply changed backup apply closure ${back} ${back} =applied`
const lost = { state: "lost" as const, failure: { code: "connection-lost" as const, data: { reason: "gone" } } }

const p = "passed"
const f = "failed"
const n = "not-proved"
const g = "going"
type Row = [string, Rehearsal | undefined, Rehearsal | undefined, VerdictState[]]
const rows: Row[] = [
	["both pass", rehearsal(full), rehearsal(changedFull), [p, p, p, p]],
	["nothing yet", undefined, undefined, [n, n, n, n]],
	["under way", rehearsal("preflight backup apply closure?"), rehearsal(""), [g, g, g, g]],
	["closure done, way back under way", rehearsal(`${there} restore?`), rehearsal(""), [p, g, g, g]],
	["first passed, second under way", rehearsal(full), rehearsal("preflight backup"), [p, p, p, g]],
	["first passed, second never started", rehearsal(full), undefined, [p, p, p, n]],
	[
		"closure red, put back",
		rehearsal(`preflight backup apply closure! ${back} =failed`, closureRed),
		undefined,
		[f, p, p, n],
	],
	[
		"checks red after the closure",
		rehearsal(`${there} checks! ${back} =failed`, { ...closureRed, phase: "checks" }),
		undefined,
		[f, p, p, n],
	],
	[
		"checks before are red",
		rehearsal("preflight baseline! =failed", { ...closureRed, phase: "baseline" }),
		undefined,
		[n, n, n, n],
	],
	[
		"preflight red",
		rehearsal("preflight! =failed", { phase: "preflight", message: "it is a folder" }),
		undefined,
		[n, n, n, n],
	],
	[
		"apply red",
		rehearsal(`preflight backup apply! ${back} =failed`, { phase: "apply", message: "no space" }),
		undefined,
		[n, p, p, n],
	],
	[
		"way back: closure red",
		rehearsal(`${there} restore reclosure! =degraded`, { phase: "restore", message: "no" }),
		undefined,
		[p, f, p, n],
	],
	[
		"way back: a file is not back",
		rehearsal(`${there} restore! reclosure =degraded`, { phase: "restore", message: "no" }),
		undefined,
		[p, n, f, n],
	],
	[
		"cancelled in the closure",
		rehearsal(`preflight backup apply closure! ${back} =failed`, cancelled),
		undefined,
		[n, p, p, n],
	],
	[
		"cancelled before the checks",
		rehearsal(`${there} ${back} =failed`, { phase: "checks", message: "the run was cancelled" }),
		undefined,
		[n, p, p, n],
	],
	[
		"lost in the closure, for good",
		rehearsal("preflight backup apply closure?", undefined, lost),
		undefined,
		[n, n, n, n],
	],
	[
		"lost in the closure, tried again",
		rehearsal("preflight backup apply closure?", undefined, { ...lost, retryAt: "2026" }),
		undefined,
		[g, g, g, g],
	],
	[
		"lost in the second",
		rehearsal(full),
		rehearsal("preflight backup apply changed backup apply closure", undefined, lost),
		[p, p, p, n],
	],
	["not started", rehearsal("", undefined, { ...lost, state: "not-started" }), undefined, [n, n, n, n]],
	["interrupted over there", rehearsal(`preflight backup apply closure? interrupted`), undefined, [n, n, n, n]],
	["gone over there", rehearsal(there, undefined, { ...lost, state: "finished" }), undefined, [n, n, n, n]],
	[
		"nothing to change",
		rehearsal(full),
		rehearsal(`preflight backup none-to-change apply closure ${back} =applied`),
		[p, p, p, n],
	],
	[
		"fails on changed files",
		rehearsal(full),
		rehearsal(`preflight backup apply changed backup apply closure! ${back} ${back} =failed`, closureRed),
		[p, p, p, f],
	],
	[
		"way back fails on changed files",
		rehearsal(full),
		rehearsal(`preflight backup apply changed backup apply closure restore reclosure! ${back} =failed`, {
			phase: "reclosure",
			message: "no",
		}),
		[p, p, p, f],
	],
	[
		"second cancelled",
		rehearsal(full),
		rehearsal(`preflight backup apply changed backup apply closure! ${back} ${back} =failed`, cancelled),
		[p, p, p, n],
	],
	[
		"second interrupted over there, put back by recovery",
		rehearsal(full),
		rehearsal(`preflight backup apply changed backup apply closure? ${back} =failed interrupted`, {
			phase: "closure",
			message: "the runner died",
		}),
		[p, p, p, n],
	],
	[
		"second of another module",
		rehearsal(full),
		rehearsal(changedFull, undefined, { module: { name: "m", version: "1.0.0", digest: "b" } }),
		[p, p, p, n],
	],
]

describe("the verdict of each test", () => {
	test.each(rows)("%s", (_, plain, modified, states) => {
		expect(judge(pool, plain, modified).map(({ state }) => state)).toEqual(states)
	})

	test("at no point of a run is more passed than has been seen", () => {
		const events = tell(full)
		for (let length = 0; length < events.length; length++) {
			const view = events.slice(0, length).reduce(applyRunEvent, emptyRun)
			const cut = judge(pool, { view, run: { ...rehearsal("").run, ...lost } }, undefined)
			const at = (phase: Phase) =>
				events.findIndex((one) => one.type === "phase-finished" && one.phase === phase) < length
			const expected = [
				at("closure") && length > events.findIndex((one) => one.type === "phase-started" && one.phase === "restore"),
				at("reclosure"),
				at("restore"),
				false,
			]
			expect(cut.map(({ state }) => state === "passed")).toEqual(expected)
			expect(cut.map(({ state }) => state)).not.toContain("failed")
		}
	})

	test("another pool of the same run says nothing about this one", () => {
		expect(judge("other", rehearsal(full), undefined).map(({ state }) => state)).not.toContain("passed")
	})

	test("a failed test says which command, how it ended and what it said last", () => {
		const [closure] = judge(pool, rehearsal(`preflight backup apply closure! ${back} =failed`, closureRed), undefined)
		expect(closure).toMatchObject({
			words: "Closure failed at “curl” with exit status 7.",
			reason: { output: "refused\n" },
		})
		const reason: Reason = { phase: "restore", message: "the rehearsal could not be put back" }
		const [, reclosure] = judge(pool, rehearsal(`${there} restore reclosure! =degraded`, reason), undefined)
		expect(reclosure).toMatchObject({
			words: "Closure after restore failed at “run reclosure” with exit status 3.",
			reason: { command: "run reclosure", exit: 3, output: "said by reclosure" },
		})
		const details = ["/srv/a: has another content"]
		const [, , restore] = judge(
			pool,
			rehearsal(`${there} restore! reclosure =degraded`, { ...reason, details }),
			undefined,
		)
		expect(restore).toMatchObject({ reason: { details } })
	})
})
