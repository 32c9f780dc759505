import { beforeEach, expect, test, vi } from "vitest"
import { FailureError } from "../../../core/schema/failure.ts"
import { saveBatchReport, saveReport } from "../../../renderer/report/save-report.ts"
import type { Api } from "../../../renderer/rpc/api.ts"
import { makeRun } from "../core/fleet/make.ts"

const saved: Blob[] = []
vi.mock("../../../renderer/report/download.ts", () => ({ download: (content: Blob) => saved.push(content) }))
beforeEach(() => void saved.splice(0))

const away = () => new FailureError("unreachable", { host: "kitchen", port: 22 })
const event = { seq: 1, time: "2026-01-01T00:00:00Z", run: "r1", type: "pool-started", pool: "begun" }
const reason = { phase: "closure", message: "a command failed", command: "make", exit: 2, output: "no rule" } as const
const run = makeRun({
	...{ id: "a", run: "r1", state: "finished", outcome: "failed", applianceName: "kitchen" },
	pools: [
		{ pool: "begun", outcome: "applied" },
		{ pool: "never-told", outcome: "failed", reason },
	],
})

/** The events of `a` break off after the first; every other run has all of its own. */
function apiOf(fail: () => unknown): Api {
	async function* follow(id: string) {
		yield [event]
		if (id === "a") throw fail()
	}
	return { runs: { follow: async ({ id }: { id: string }) => follow(id) } } as unknown as Api
}

test("a run whose events cannot be had is told as far as it is known, and why not further", async () => {
	await saveReport(apiOf(away), run, new AbortController().signal)
	const page = await saved[0]?.text()
	expect(page).toContain("Not everything that the run said is here")
	expect(page).toContain("kitchen")
	expect(page).toMatch(/<h2>begun <span[^>]*>Applied</)
	expect(page).toMatch(/<h2>never-told <span[^>]*>Failed, put back</)
	expect(page).toContain("no rule")
})

test("such a run costs the others of its batch nothing", async () => {
	const signal = new AbortController().signal
	const other = { ...run, id: "b", applianceName: "cellar" }
	await saveBatchReport(apiOf(away), [run, other], { signal, onProgress: () => {} })
	const page = await saved[0]?.text()
	expect(page?.match(/Not everything that the run said is here/g)).toHaveLength(1)
	expect(page).toContain("cellar")
})

test("who cancels gets no report", async () => {
	const stop = new AbortController()
	const fail = () => {
		stop.abort()
		return new Error("aborted")
	}
	await expect(saveReport(apiOf(fail), run, stop.signal)).rejects.toThrow("aborted")
	expect(saved).toEqual([])
})
