import { expect, test } from "vitest"
import type { ApplianceState, DesktopRun, DesktopState, StateChange } from "../../../core/schema/desktop.ts"
import { applyStateChange, type Desktop, hasGap } from "../../../renderer/stores/desktop.ts"

const empty: DesktopState = { appliances: [], recentModules: [], runs: [], questions: [], notices: [] }
const blank: Desktop = { connection: "connected", seq: 0, endings: 0 }

function appliance(id: string, name = id): ApplianceState {
	const signIn = { method: "agent" as const }
	return { id, name, host: "h", port: 22, user: "root", signIn, become: "none", tags: [], notes: "", embedded: false }
}

function run(id: string, state: DesktopRun["state"] = "running"): DesktopRun {
	const module = { name: "m", version: "1.0.0", digest: "d" }
	return {
		...{ id, batch: "b", applianceId: "a", applianceName: "A", module, kind: "apply", state },
		...{ startedAt: "2026-11-23T02:00:00Z", pools: [] },
	} as DesktopRun
}

function apply(desktop: Desktop, ...changes: StateChange[]): Desktop {
	return changes.reduce(applyStateChange, desktop)
}

const snapshot = (state: Partial<DesktopState> = {}, seq = 5): StateChange => ({
	type: "snapshot",
	seq,
	state: { ...empty, ...state },
})

test("a snapshot replaces everything, also when it comes again", () => {
	const once = apply(blank, snapshot({ appliances: [appliance("a")] }))
	expect(once.state?.appliances).toHaveLength(1)
	expect(apply(once, snapshot({}, 2)).state?.appliances).toHaveLength(0)
	expect(apply(once, snapshot({}, 2)).seq).toBe(2)
})

test("a change that the snapshot already holds is dropped", () => {
	const known = apply(blank, snapshot({ appliances: [appliance("a", "new")] }))
	const late: StateChange = { type: "appliance-changed", seq: 5, appliance: appliance("a", "old") }
	expect(apply(known, late)).toBe(known)
})

test("a change before any snapshot changes nothing", () => {
	expect(apply(blank, { type: "appliance-removed", seq: 1, id: "a" })).toBe(blank)
})

test("appliances are added, changed in their place and removed", () => {
	const changed = apply(
		blank,
		snapshot({ appliances: [appliance("a"), appliance("b")] }),
		{ type: "appliance-changed", seq: 6, appliance: appliance("a", "renamed") },
		{ type: "appliance-changed", seq: 7, appliance: appliance("c") },
		{ type: "appliance-removed", seq: 8, id: "b" },
	)
	expect(changed.state?.appliances.map((one) => one.name)).toEqual(["renamed", "c"])
	expect(changed.seq).toBe(8)
})

test("new runs come first, known ones stay in their place", () => {
	const changed = apply(
		blank,
		snapshot({ runs: [run("2"), run("1")] }),
		{ type: "run-changed", seq: 6, run: run("1", "finished") },
		{ type: "run-changed", seq: 7, run: run("3") },
	)
	expect(changed.state?.runs.map((one) => `${one.id} ${one.state}`)).toEqual(["3 running", "2 running", "1 finished"])
})

test("of the ended runs the newest hundred are kept, of those under way all", () => {
	const old = Array.from({ length: 100 }, (_, index) => run(`ended ${index}`, "finished"))
	const changed = apply(blank, snapshot({ runs: [...old, run("going")] }), {
		type: "run-changed",
		seq: 6,
		run: run("fresh", "not-started"),
	})
	const ids = changed.state?.runs.map((one) => one.id) ?? []
	expect(ids).toHaveLength(101)
	expect(ids).toContain("fresh")
	expect(ids).toContain("going")
	expect(ids).not.toContain("ended 99")
})

test("of many that are told newest first, the newest hundred are kept", () => {
	const day = (index: number) => new Date(Date.UTC(2026, 0, index)).toISOString()
	const fetched = Array.from({ length: 120 }, (_, index) => ({
		...run(`${120 - index}`, "finished"),
		startedAt: day(120 - index),
	}))
	const told = fetched.map((run, index): StateChange => ({ type: "run-changed", seq: 6 + index, run }))
	const going = { ...run("going"), startedAt: day(5) }
	const ids = apply(blank, snapshot({ runs: [going] }), ...told).state?.runs.map(({ id }) => id)
	expect(ids).toEqual([...fetched.slice(0, 100).map(({ id }) => id), "going"])
})

test("each end is counted, also of runs that are too old to be kept", () => {
	const old = Array.from({ length: 100 }, (_, index) => run(`ended ${index}`, "finished"))
	const full = apply(blank, snapshot({ runs: [...old, run("going")] }))
	const told = (one: DesktopRun) => apply(full, { type: "run-changed", seq: 6, run: one }).endings - full.endings
	expect(told(run("going", "lost"))).toBe(0)
	expect(told(run("going", "finished"))).toBe(1)
	expect(told({ ...run("older", "finished"), startedAt: "2020-01-01T00:00:00Z" })).toBe(1)
	// What a snapshot replaces may have missed some.
	expect(apply(full, snapshot({}, 9)).endings).toBe(full.endings + 1)
})

test("questions open and close", () => {
	const question = { id: "q", kind: "passphrase", appliance: "A", path: "/k", wrong: false } as const
	const asked = apply(blank, snapshot(), { type: "question-opened", seq: 6, question })
	expect(asked.state?.questions).toEqual([question])
	expect(apply(asked, { type: "question-closed", seq: 7, id: "q" }).state?.questions).toEqual([])
})

test.each([
	["a snapshot never", snapshot({}, 99), false],
	["the next change not", { type: "appliance-removed", seq: 6, id: "x" } as StateChange, false],
	["an old change not", { type: "appliance-removed", seq: 3, id: "x" } as StateChange, false],
	["a later change", { type: "appliance-removed", seq: 7, id: "x" } as StateChange, true],
])("a gap is seen: %s", (_, change, gap) => {
	expect(hasGap(apply(blank, snapshot()), change)).toBe(gap)
})
