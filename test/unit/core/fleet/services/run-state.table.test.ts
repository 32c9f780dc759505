import { describe, expect, test } from "vitest"
import { applyRunStep, type RunStep } from "../../../../../core/fleet/services/run-state.ts"
import type { DesktopRun } from "../../../../../core/schema/desktop.ts"
import type { EventBody } from "../../../../../core/schema/event.ts"
import { makeRun } from "../make.ts"

const at = "2026-01-01T00:00:09Z"
const failure = { code: "refused" as const, data: {} }
const event = (body: EventBody | { type: "newer-than-us" }): RunStep =>
	({ type: "event", event: { ...body, seq: 1, time: at, run: "r1" } }) as RunStep

const STEPS = {
	connected: { type: "connected" },
	sent: { type: "sent", upload: { step: "contents", sentBytes: 1, totalBytes: 2 } },
	asked: { type: "asked", run: "r1" },
	started: { type: "started", run: "r1" },
	"not-started": { type: "not-started", failure, at },
	event: event({ type: "heartbeat" }),
	"end event": event({ type: "run-finished", outcome: "applied" }),
	lost: { type: "lost", failure },
	attached: { type: "attached" },
	gone: { type: "gone", failure, at },
} satisfies Record<string, RunStep>

type State = DesktopRun["state"]
type Row = Partial<Record<keyof typeof STEPS, State>>

/** Where each step leads from each state; a step that is not named changes nothing. */
const TABLE: Record<State, Row> = {
	connecting: { connected: "uploading", sent: "uploading", "not-started": "not-started" },
	uploading: {
		connected: "uploading",
		sent: "uploading",
		asked: "uploading",
		started: "running",
		"not-started": "not-started",
	},
	running: { event: "running", "end event": "finished", lost: "lost", attached: "running", gone: "finished" },
	lost: {
		event: "running",
		"end event": "finished",
		lost: "lost",
		attached: "running",
		gone: "finished",
	},
	finished: {},
	"not-started": {},
}

/** The same where nobody knows yet whether it began. */
const DOUBTFUL: Partial<Record<State, Row>> = {
	uploading: { ...TABLE.uploading, lost: "lost" },
	lost: { ...TABLE.lost, started: "running", "not-started": "not-started" },
}

const casesOf = (table: Partial<Record<State, Row>>) =>
	Object.entries(table).flatMap(([from, row]) =>
		Object.keys(STEPS).map((name) => [from as State, name as keyof typeof STEPS, row[name as keyof Row]] as const),
	)

describe("every step in every state", () => {
	test.each(casesOf(TABLE))("%s, %s: %s", (state, name, to) => expectStep(makeRun({ state }), name, to))

	test.each(casesOf(DOUBTFUL))("asked and %s, %s: %s", (state, name, to) =>
		expectStep(makeRun({ state, run: "r1", isDoubtful: true }), name, to),
	)

	function expectStep(run: DesktopRun, name: keyof typeof STEPS, to: State | undefined) {
		const after = applyRunStep(run, STEPS[name])
		if (to === undefined) expect(after).toBe(run)
		else expect(after.state).toBe(to)
	}
})

describe("what a step brings", () => {
	const afterSteps = (run: Partial<DesktopRun>, ...steps: RunStep[]) => steps.reduce(applyRunStep, makeRun(run))

	test("it is doubtful from the asking until the appliance has said", () => {
		const asked = afterSteps({ state: "uploading" }, STEPS.asked)
		expect(asked).toMatchObject({ run: "r1", isDoubtful: true })
		expect(applyRunStep(asked, STEPS.lost)).toMatchObject({ run: "r1", isDoubtful: true })
		const started = afterSteps({ state: "uploading" }, STEPS.asked, STEPS.lost, STEPS.started)
		expect([started.run, started.isDoubtful]).toEqual(["r1", undefined])
		const never = afterSteps({ state: "uploading" }, STEPS.asked, STEPS.lost, STEPS["not-started"])
		expect([never.run, never.isDoubtful]).toEqual([undefined, undefined])
	})

	test("a failure goes with the state it belongs to", () => {
		expect(afterSteps({ state: "running" }, STEPS.lost).failure).toEqual(failure)
		expect(afterSteps({ state: "running" }, STEPS.lost, STEPS.attached).failure).toBeUndefined()
		expect(afterSteps({ state: "running" }, STEPS.lost, STEPS.event).failure).toBeUndefined()
		expect(afterSteps({ state: "connecting" }, STEPS["not-started"])).toMatchObject({ failure, finishedAt: at })
	})

	test("the next attempt is known while the connection is lost, and no longer", () => {
		const lost = { type: "lost", failure, retryAt: at } as const
		expect(afterSteps({ state: "running" }, lost).retryAt).toBe(at)
		for (const next of [STEPS.attached, STEPS.event, STEPS["end event"], STEPS.gone, STEPS.lost])
			expect(afterSteps({ state: "running" }, lost, next).retryAt).toBeUndefined()
	})

	test("the runner is brought before the connection counts as made; what was sent of it is not the module's", () => {
		const upload = { step: "installing", sentBytes: 40, totalBytes: 120 } as const
		const installing = afterSteps({ state: "connecting" }, { type: "sent", upload })
		expect(installing).toMatchObject({ state: "uploading", upload })
		expect(applyRunStep(installing, STEPS.connected).upload).toBeUndefined()
		expect(afterSteps({ state: "connecting" }, STEPS.connected, STEPS.sent).upload?.step).toBe("contents")
	})

	test("pools come from the run's own list, in its order, and keep what was known", () => {
		const module = { name: "m", version: "1.0.0", digest: "0".repeat(64) }
		const run = afterSteps(
			{ pools: [{ pool: "b" }, { pool: "x" }] },
			event({ type: "run-started", kind: "rehearse", module, pools: ["a", "b"] }),
			event({ type: "phase-started", pool: "b", phase: "backup" }),
			event({ type: "pool-finished", pool: "a", outcome: "failed", reason: { phase: "closure", message: "m" } }),
			event({ type: "pool-finished", pool: "unannounced", outcome: "skipped" }),
		)
		expect(run.kind).toBe("rehearse")
		expect(run.pools).toEqual([
			{ pool: "a", outcome: "failed", reason: { phase: "closure", message: "m" } },
			{ pool: "b", phase: "backup" },
			{ pool: "unannounced", outcome: "skipped" },
		])
	})

	test("the final closure is known from its own event or from the run's end", () => {
		const passed = event({ type: "final-closure", outcome: "passed" })
		const notRun = event({
			type: "run-finished",
			outcome: "failed",
			finalClosure: { outcome: "not-run", why: "a pool failed" },
		})
		expect(afterSteps({}, passed, STEPS["end event"])).toMatchObject({
			outcome: "applied",
			finalClosure: { outcome: "passed" },
		})
		expect(afterSteps({}, notRun)).toMatchObject({
			outcome: "failed",
			finalClosure: { why: "a pool failed" },
			finishedAt: at,
		})
	})

	test("an event of a newer runner is a sign of life and nothing more", () => {
		const run = makeRun({ lastEventAt: "before" })
		expect(applyRunStep(run, event({ type: "newer-than-us" }))).toEqual({ ...run, lastEventAt: at })
	})
})

describe("a hostile appliance cannot fill what every page gets", () => {
	const long = "x".repeat(5_000_000)
	const started = (pools: string[]) =>
		event({
			type: "run-started",
			kind: "apply",
			module: { name: "m", version: "1.0.0", digest: "0".repeat(64) },
			pools,
		})
	const many = (count: number) => Array.from({ length: count }, (_, index) => `p${index}`)

	test("pools without end, or with endless names", () => {
		const steps = many(2000).map((pool) => event({ type: "pool-finished", pool, outcome: "applied" }))
		expect(steps.reduce(applyRunStep, makeRun()).pools).toHaveLength(500)
		expect(applyRunStep(makeRun(), started(many(2000))).pools).toHaveLength(500)
		expect(applyRunStep(makeRun(), started([long])).pools).toEqual([])
		expect(applyRunStep(makeRun(), event({ type: "pool-started", pool: long })).pools).toEqual([])
	})

	test("endless reasons", () => {
		const reason = { phase: "closure" as const, message: long, command: long, output: long, details: many(2000) }
		const finalClosure = { outcome: "failed" as const, why: long, reason }
		const run = [
			event({ type: "pool-finished", pool: "p", outcome: "failed", reason }),
			event({ type: "final-closure", ...finalClosure }),
			event({ type: "run-finished", outcome: "failed", finalClosure }),
		].reduce(applyRunStep, makeRun())
		expect(JSON.stringify(run).length).toBeLessThan(100_000)
		expect(run.pools[0]?.reason?.message).toMatch(/^xxx.*…$/)
	})
})
