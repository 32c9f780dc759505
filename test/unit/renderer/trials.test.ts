import { expect, test } from "vitest"
import type { DesktopRun } from "../../../core/schema/desktop.ts"
import type { Api } from "../../../renderer/rpc/api.ts"
import { createDesktopStore } from "../../../renderer/stores/desktop.ts"
import { createTrials, keyOf } from "../../../renderer/stores/trials.ts"

const request = { folder: "/m", pool: "web", applianceId: "a", kind: "prove" as const }
const key = keyOf("/m", "web")

/** Trials whose runs end as they are told to: an outcome, or lost for good. */
function makeTrials(ends: ("applied" | "failed" | "lost" | "refused" | "waits")[]) {
	const desktop = createDesktopStore()
	const asked: unknown[] = []
	const cancelled: string[] = []
	let slow: Promise<void> | undefined
	const put = (run: DesktopRun) => {
		const runs = [run, ...(desktop.getState().state?.runs ?? []).filter(({ id }) => id !== run.id)]
		desktop.setState({ state: { appliances: [], recentModules: [], questions: [], notices: [], runs } })
	}
	const start = async ({ kind, modify }: { kind: string; modify: boolean }) => {
		const end = ends[asked.length]
		asked.push(`${kind}${modify ? " modified" : ""}`)
		await slow
		if (end === "refused") throw new Error("refused")
		const module = { name: "m", version: "1.0.0", digest: "d" }
		const base = { id: `r${asked.length}`, batch: "b", applianceId: "a", applianceName: "A", module, startedAt: "" }
		const run: DesktopRun = { ...base, kind: "rehearse", state: "connecting", pools: [] }
		put(run)
		if (end === "lost") setTimeout(() => put({ ...run, state: "lost" }))
		else if (end === "applied" || end === "failed") setTimeout(() => put({ ...run, state: "finished", outcome: end }))
		return { runs: [run] }
	}
	const cancel = async ({ id }: { id: string }) => {
		cancelled.push(id)
		const run = desktop.getState().state?.runs.find((one) => one.id === id)
		if (run) put({ ...run, state: "finished", outcome: "applied" })
	}
	const trials = createTrials({ runs: { start, cancel } } as unknown as Api, desktop)
	const slowDown = (until: Promise<void>) => (slow = until)
	return { trials, asked, cancelled, slowDown, trial: () => trials.store.getState()[key] }
}

test.each([
	["both pass", ["applied", "applied"], ["rehearse", "rehearse modified"]],
	["the first fails", ["failed"], ["rehearse"]],
	["the first is lost for good", ["lost"], ["rehearse"]],
] as const)("%s", async (_, ends, expected) => {
	const { trials, asked, trial } = makeTrials([...ends])
	await trials.start(request)
	expect(asked).toEqual(expected)
	expect(trial()).toMatchObject({ isGoing: false, digest: "d", runs: expected.map((_run, index) => `r${index + 1}`) })
})

test("what cannot be started is told, and can be tried again", async () => {
	const { trials, trial } = makeTrials(["refused", "failed"])
	await trials.start(request)
	expect(trial()).toMatchObject({ isGoing: false, error: new Error("refused"), runs: [] })
	await trials.start(request)
	expect(trial()?.error).toBeUndefined()
})

test("stopping asks the run to stop, and no other one begins though it passed", async () => {
	const { trials, asked, cancelled, trial } = makeTrials(["waits", "applied"])
	const ended = trials.start(request)
	await expect.poll(() => trial()?.runs).toEqual(["r1"])
	void trials.start(request)
	await trials.cancel("/m", "web")
	await ended
	expect({ asked, cancelled }).toEqual({ asked: ["rehearse"], cancelled: ["r1"] })
})

test.each([
	["the only run", "apply", ["waits"], ["r1"]],
	["the second run", "prove", ["applied", "waits"], ["r2"]],
] as const)("stopping while %s is being started stops that one", async (_, kind, ends, expected) => {
	const { trials, asked, cancelled, slowDown, trial } = makeTrials([...ends])
	const gates = ends.map(() => Promise.withResolvers<void>())
	let ended: Promise<void> | undefined
	for (const [index, gate] of gates.entries()) {
		slowDown(gate.promise)
		ended ??= trials.start({ ...request, kind })
		await expect.poll(() => asked.length).toBe(index + 1)
		if (index + 1 < gates.length) gate.resolve()
	}
	await trials.cancel("/m", "web")
	expect(cancelled).toEqual([])
	gates.at(-1)?.resolve()
	await expect.poll(() => cancelled).toEqual(expected)
	await ended
	expect(trial()).toMatchObject({ isGoing: false })
	expect(trial()?.error).toBeUndefined()
})
