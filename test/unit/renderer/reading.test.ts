import { afterEach, beforeEach, expect, test, vi } from "vitest"
import type { DesktopRun } from "../../../core/schema/desktop.ts"
import { applyStateChange, createDesktopStore } from "../../../renderer/stores/desktop.ts"
import { readWithEndings } from "../../../renderer/stores/reading.ts"

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A desktop that as many ended runs are known of as are kept; `end` tells another one. */
function createDesktop() {
	const desktop = createDesktopStore()
	const state = { appliances: [], recentModules: [], runs: [], questions: [], notices: [] }
	desktop.setState((now) => applyStateChange(now, { type: "snapshot", seq: 0, state }))
	const tell = (change: Partial<DesktopRun>) =>
		desktop.setState((now) => {
			const seq = now.seq + 1
			const module = { name: "m", version: "1.0.0", digest: "d" }
			const run: DesktopRun = {
				...{ id: `${seq}`, batch: "b", applianceId: "a", applianceName: "A", module, kind: "apply", state: "finished" },
				...{ startedAt: new Date(seq).toISOString(), pools: [] },
				...change,
			}
			return applyStateChange(now, { type: "run-changed", seq, run })
		})
	for (let count = 0; count < 200; count++) tell({})
	return { desktop, tell, end: () => tell({}) }
}

/** What is read, how often so far, and how many at a time at most; each takes as long as it is said to. */
function createSource(takes = 0) {
	const seen = { reads: 0, most: 0, now: 0, isGivenUp: () => false }
	const read = async (signal: AbortSignal) => {
		seen.reads++
		seen.most = Math.max(seen.most, ++seen.now)
		seen.isGivenUp = () => signal.aborted
		await new Promise((resolve) => setTimeout(resolve, takes))
		seen.now--
	}
	return { seen, read }
}

test("it is read at once, and again half a second after the last of many endings", async () => {
	const { seen, read } = createSource()
	const { desktop, end } = createDesktop()
	readWithEndings(desktop, read)
	expect(seen.reads).toBe(1)
	await vi.advanceTimersByTimeAsync(100)
	for (let count = 0; count < 1000; count++) end()
	await vi.advanceTimersByTimeAsync(400)
	end()
	await vi.advanceTimersByTimeAsync(499)
	expect(seen.reads).toBe(1)
	await vi.advanceTimersByTimeAsync(1)
	expect(seen.reads).toBe(2)
	await vi.advanceTimersByTimeAsync(10_000)
	expect(seen.reads).toBe(2)
})

test("it is read every two seconds while runs keep ending, never twice at a time", async () => {
	const { seen, read } = createSource(600)
	const { desktop, end } = createDesktop()
	readWithEndings(desktop, read)
	for (let time = 0; time < 10_000; time += 50) {
		end()
		await vi.advanceTimersByTimeAsync(50)
	}
	expect(seen).toMatchObject({ reads: 4, most: 1 })
	await vi.advanceTimersByTimeAsync(10_000)
	expect(seen.reads).toBe(5)
})

test("what ends while it is read is read after it", async () => {
	const { seen, read } = createSource(600)
	const { desktop, end } = createDesktop()
	readWithEndings(desktop, read)
	await vi.advanceTimersByTimeAsync(10)
	end()
	await vi.advanceTimersByTimeAsync(1089)
	expect(seen.reads).toBe(1)
	await vi.advanceTimersByTimeAsync(1)
	expect(seen).toMatchObject({ reads: 2, most: 1 })
})

test.each([10, 700])("once it is stopped, after %i ms, nothing is read any more", async (after) => {
	const { seen, read } = createSource(600)
	const { desktop, end } = createDesktop()
	const stop = readWithEndings(desktop, read)
	await vi.advanceTimersByTimeAsync(after)
	end()
	stop()
	expect(seen.isGivenUp()).toBe(true)
	end()
	await vi.advanceTimersByTimeAsync(10_000)
	expect(seen.reads).toBe(1)
})

test("a run that goes on is no reason; one that ended is, though it is too old to be kept", async () => {
	const { seen, read } = createSource()
	const { desktop, tell } = createDesktop()
	readWithEndings(desktop, read)
	await vi.advanceTimersByTimeAsync(100)
	const kept = desktop.getState().state?.runs
	tell({ state: "running", id: "goes on" })
	await vi.advanceTimersByTimeAsync(10_000)
	expect(seen.reads).toBe(1)
	tell({ startedAt: new Date(0).toISOString() })
	expect(desktop.getState().state?.runs).toHaveLength((kept?.length ?? 0) + 1)
	await vi.advanceTimersByTimeAsync(10_000)
	expect(seen.reads).toBe(2)
})
