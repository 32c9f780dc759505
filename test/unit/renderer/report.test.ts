import { describe, expect, test } from "vitest"
import { poolResultSchema } from "../../../core/schema/desktop.ts"
import type { AnyEvent, EventBody } from "../../../core/schema/event.ts"
import { html } from "../../../core/schema/report/html.ts"
import { makeRolloutReport, rolloutLines } from "../../../core/schema/report/rollout-report.ts"
import type { Standing } from "../../../core/schema/rollout.ts"
import { makeBatchReport } from "../../../renderer/report/make-batch-report.ts"
import { makeReport } from "../../../renderer/report/make-report.ts"
import { applyRunEvent, emptyRun } from "../../../renderer/stores/run-view.ts"
import { makeRun } from "../core/fleet/make.ts"
import { makeRollout } from "../core/fleet/rollout/rollouts.ts"

const viewOf = (...bodies: EventBody[]) =>
	bodies
		.map((body, index) => ({ ...body, seq: index + 1, time: "2026-01-01T00:00:00Z", run: "r1" }) as AnyEvent)
		.reduce(applyRunEvent, emptyRun)
const module = { name: "web", version: "1.1.0", digest: "0".repeat(64) }
const at = "2026-01-02T00:00:00Z"

describe("text stays text", () => {
	test.each([
		["tags", "<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"],
		["quotes", `" onload='x'`, "&quot; onload=&#39;x&#39;"],
		["entities", "&lt;", "&amp;lt;"],
		["marks that reorder", "a\u202eb", "a\\u202eb"],
		["controls", "a\u0007\u001b[31mb", "a\ufffd\ufffd[31mb"],
	])("%s", (_, value, written) =>
		expect(html`<p title="${value}">${[value]}</p>`.text).toBe(`<p title="${written}">${written}</p>`),
	)
})

describe("a report", () => {
	const hostile = "</pre><img src=x onerror=alert(1)>\u202e"
	const run = makeRun({
		run: "r1",
		state: "finished",
		outcome: "failed",
		module,
		applianceName: hostile,
		finalClosure: { outcome: "not-run", why: "a pool failed" },
	})
	const reason = {
		phase: "closure" as const,
		message: hostile,
		command: hostile,
		exit: 3,
		output: hostile,
		details: [hostile],
	}
	const view = viewOf(
		{ type: "run-started", kind: "apply", module, pools: ["p"] },
		{ type: "phase-started", pool: "p", phase: "closure" },
		{ type: "file", pool: "p", phase: "apply", destination: hostile, action: "replaced" },
		{ type: "command-started", pool: "p", phase: "closure", index: 0, command: hostile },
		{ type: "command-output", pool: "p", phase: "closure", index: 0, stream: "stdout", text: `${hostile}\n` },
		{ type: "command-finished", pool: "p", phase: "closure", index: 0, exit: 3, durationMs: 1200 } as EventBody,
		{ type: "phase-finished", pool: "p", phase: "closure", ok: false, durationMs: 1300 },
		{ type: "pool-finished", pool: "p", outcome: "failed", reason },
		{ type: "run-finished", outcome: "failed" },
	)
	const page = makeReport({ run, view, ending: "Failed, put back" }, at)

	test("says what happened, where, why, and what was put back", () => {
		for (const words of ["web 1.1.0", "Failed, put back", "Exit status 3 after 1.2 s", "closure: failed, 1.3 s"])
			expect(page).toContain(words)
		expect(page).toContain("Everything was put back and the appliance is as it was")
		expect(page).toContain("The final closure did not run: a pool failed.")
	})

	test("nothing of what an appliance said is markup, and nothing is loaded", () => {
		expect(page).not.toContain("<img")
		expect(page).not.toContain("\u202e")
		expect(page.match(/<script|src=|href=|url\(/g)?.filter((one) => one !== "src=") ?? []).toEqual([])
		expect(page).toContain("default-src &#39;none&#39;".replaceAll("&#39;", "'"))
	})

	test("long output keeps its last lines and says how many came before", () => {
		const text = Array.from({ length: 1000 }, (_, index) => `line ${index}\n`).join("")
		const long = viewOf(
			{ type: "run-started", kind: "apply", module, pools: ["p"] },
			{ type: "command-started", pool: "p", phase: "closure", index: 0, command: "c" },
			{ type: "command-output", pool: "p", phase: "closure", index: 0, stream: "stdout", text },
		)
		const cut = makeReport({ run, view: long, ending: "Running" }, at)
		expect(cut).toContain("line 999\n")
		expect(cut).not.toContain("line 599\n")
		expect(cut).toContain("600 lines before")
	})

	test("a run without events says as much as the desktop knows", () => {
		const failure = { code: "refused" as const, data: { host: "h", port: 22 } }
		const never = makeRun({ state: "not-started", failure, pools: [{ pool: "p" }] })
		const said = makeReport({ run: never, view: emptyRun, ending: "Not started" }, at)
		expect(said).toContain("Not started")
		expect(said).toContain("It was not run: nothing was touched.")
		const lost = makeReport({ run: { ...never, state: "lost" }, view: emptyRun, ending: "Connection lost" }, at)
		expect(lost).toContain("It has not ended.")
		expect(lost).not.toContain("nothing was touched")
	})

	test.each([
		["apply", "Applied"],
		["rehearse", "Passed, put back"],
		["revert", "Put back"],
	] as const)("a pool that passed in a run of kind %s is called as in the app: %s", (kind, word) => {
		const pools = [{ pool: "p", outcome: "applied" as const }]
		const good = { run: makeRun({ module, kind, state: "finished", pools }), view: emptyRun, ending: word }
		expect(makeReport(good, at)).toContain(`<span class="outcome" data-outcome="applied">${word}</span>`)
		expect(makeBatchReport([good], at)).toContain(`<td>1 ${word.toLowerCase()}</td>`)
	})

	test("a moment says its zone: who reads it may be in another one", () => {
		const moment = "\\d+ \\w+ 202\\d, \\d\\d:\\d\\d:00 (?:[A-Z]{2,5}|GMT[+-][\\d:]+)"
		expect(page).toMatch(new RegExp(`<dt>Started</dt><dd>${moment}</dd><dt>Ended</dt><dd>${moment}</dd>`))
		expect(page).toMatch(new RegExp(`Made by Hotfix Manager on ${moment}\\.`))
	})

	describe("of several runs", () => {
		const failure = { code: "refused" as const, data: { host: hostile, port: 22 } }
		const runs = [
			{ run, view, ending: "Failed, put back" },
			{ run: { ...run, id: "2", applianceName: "kitchen" }, view, ending: "Failed, put back" },
			{
				run: makeRun({ module, state: "not-started", failure, pools: [{ pool: "p" }] }),
				view: emptyRun,
				ending: "Not started",
			},
		]
		const batch = makeBatchReport(runs, at)

		test("a table of the appliances, failures by their cause, then each run in full", () => {
			expect(batch).toContain("web 1.1.0 on 3 appliances")
			expect(batch).toContain('<a href="#run-2">kitchen</a></td>\n<td>Failed, put back</td><td>1 failed, put back</td>')
			expect(batch).toContain("<td>Not started</td><td>1 not run</td>")
			expect(batch).toContain("<strong>2 failures</strong>: closure: ")
			expect(batch).toContain("<li>p on kitchen</li>")
			const reversed = makeBatchReport([...runs].reverse(), at)
			expect(reversed.indexOf("2 failures")).toBeLessThan(reversed.indexOf("1 failure<"))
			expect(batch).toContain("<strong>1 failure</strong>: ")
			expect(batch.match(/<article id=/g)).toHaveLength(3)
			expect(batch.match(/Exit status 3 after 1.2 s/g)).toHaveLength(2)
		})

		test("nothing of what an appliance said is markup, and every link stays in the page", () => {
			expect(batch).not.toContain("<img")
			expect(batch).not.toContain("\u202e")
			expect(batch.match(/href="(?!#run-\d+")/g)).toBeNull()
			expect(batch.match(/<script|url\(|<link|<iframe/g)).toBeNull()
		})

		test("runs that all went well have no failures to list", () => {
			const good = makeRun({
				module,
				state: "finished",
				outcome: "applied",
				pools: [{ pool: "p", outcome: "applied" }],
			})
			expect(makeBatchReport([{ run: good, view: emptyRun, ending: "Applied" }], at)).not.toContain("Why it failed")
		})
	})
})

describe("a rollout's report", () => {
	const hostile = "</td><img src=x onerror=alert(1)>\u202e"
	const failure = { code: "timed-out", data: { host: hostile, phase: "connect", seconds: 10 } } as const
	const rollout = makeRollout([0, 1, 1, 1, 1, 1, 1, 1])
	const standings: Standing[] = [
		{ state: "ended", run: "r1", outcome: "failed" },
		{ state: "pending", since: 0, retryAt: 0, failure },
		{ state: "lost", run: "r3", since: 0, failure },
		{ state: "expired", failure },
		{ state: "skipped" },
		{ state: "ended", run: "r6", outcome: "applied" },
		{ state: "expired", run: "r7", failure },
		{ state: "ended", run: "r8", outcome: "failed", failure: { code: "unknown-run", data: { run: "r8" } } },
	]
	const { targets: all, ...head } = { ...rollout, module: { ...rollout.module, folder: "/home/me/secret-project" } }
	const targets = all.map((target, index) => ({
		...{ ...target, name: index === 0 ? hostile : target.name, standing: standings[index] ?? target.standing },
		applied: index === 5 ? [{ pool: "p", run: "there", undo: { state: "failed" as const, failure } }] : [],
	}))
	const result = poolResultSchema.parse({
		...{ runId: "r1", applianceId: "a", applianceName: "A", moduleName: "hotfix", moduleVersion: "1.0.0" },
		...{ pool: hostile, kind: "apply", outcome: "failed", finishedAt: at, durationMs: 7 },
		reason: { phase: "closure", message: "exit 3", command: "systemctl restart web", exit: 3 },
	})
	const results = new Map([["r1", [result]]])
	const report = { head, targets, results }
	const page = makeRolloutReport(report, at)

	test("tells every appliance by wave, how it stands and why, and what could not be put back", () => {
		for (const words of [
			...["hotfix 1.0.0 to 8 appliances", "Wave 1, the canary: 1 appliance", "Wave 2: 7 appliances", "0".repeat(64)],
			...["not reached", "connection lost", "given up", "skipped", "could not be put back", "p could not be put back"],
			...["Why it failed", "stop after 2 failures", "systemctl restart web"],
		])
			expect(page).toContain(words)
	})

	test("whatever is in it stays text, and nothing is loaded", () => {
		expect(page).not.toContain("<img")
		expect(page).not.toContain("\u202e")
		expect(page.match(/&lt;img src=x/g)?.length).toBeGreaterThan(5)
		expect(page).toContain("default-src 'none'")
	})

	/** What stands between a heading and the next one. */
	const part = (title: string, of = page) => of.match(new RegExp(`<h2>${title}</h2>(.*?)(?=<h2>)`, "s"))?.[1] ?? ""

	test("each appliance under its own reason: an end that nobody knows is neither a failure nor an absence", () => {
		const names = (title: string) => [...part(title).matchAll(/<li>([^<]*)<\/li>/g)].map(([, name]) => name)
		expect(names("Could not be put back")).toEqual(["F"])
		expect(names("Why it failed")).toEqual([expect.stringContaining("&lt;img src=x")])
		expect(names("End unknown")).toEqual(["G", "H"])
		expect(names("Not reached")).toEqual(["B", "C", "D"])
		expect(names("Skipped")).toEqual(["E"])
		expect(part("End unknown")).toContain("Lost in the middle and given up. The appliance did not answer.")
	})

	test("of thousands for one reason only some are named there, and all in their waves", () => {
		const many = makeRollout(Array(2000).fill(0)).targets.map((target) => ({
			...target,
			standing: { state: "skipped" } as const,
		}))
		const long = makeRolloutReport({ head, targets: many, results: new Map() }, at)
		expect(part("Skipped", long)).toContain("2000 appliances</strong>: left out by a person")
		expect(part("Skipped", long).match(/<li>/g)).toHaveLength(52)
		expect(part("Skipped", long)).toContain("and 1950 more, in the waves below")
		expect(long.match(/<tr><td>/g)).toHaveLength(2000)
	})

	test("as lines: the rollout without the engineer's folder, each appliance, each pool", () => {
		const lines = [...rolloutLines(report)]
		expect(lines.map((line) => (line as { type: string }).type)).toEqual([
			"rollout",
			...Array(8).fill("appliance"),
			"pool",
		])
		expect(JSON.stringify(lines) + page).not.toContain("secret-project")
		expect(lines[2]).toMatchObject({ applianceId: "b", stands: "not reached", standing: { state: "pending" } })
	})
})
