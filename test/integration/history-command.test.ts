import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, onTestFinished, test } from "vitest"
import { openStore } from "../../core/fleet/store/store.ts"
import type { PoolResult } from "../../core/schema/desktop.ts"
import { hotfix, parseLines } from "../support/hotfix.ts"
import { makeAppliance, makeRun } from "../unit/core/fleet/make.ts"

const fault = { kind: "missing" as const, number: 2 }

/** A desktop that saw one run of each appliance, and remembers of the first that its history was changed. */
async function makeDesktop(): Promise<string> {
	const data = await mkdtemp(join(tmpdir(), "hotfix-history-"))
	onTestFinished(() => rm(data, { recursive: true, force: true }))
	const store = openStore(data, () => {})
	for (const name of ["kitchen", "porch"]) {
		store.appliances.save(makeAppliance({ id: name, name, host: "127.0.0.1", port: 1 }))
		const { module, startedAt, ...run } = makeRun({ id: name, run: name, applianceId: name, state: "finished" })
		store.runs.save({ ...run, module, startedAt, finishedAt: startedAt }, null)
		const { name: moduleName, version: moduleVersion } = module
		const where = { runId: name, applianceId: name, applianceName: name, moduleName, moduleVersion }
		const result: PoolResult = {
			...where,
			pool: "web",
			outcome: "applied",
			kind: "apply",
			finishedAt: startedAt,
			durationMs: 1,
		}
		store.runs.savePool(result)
	}
	const head = { number: 3, digest: "0".repeat(64), seenAt: "2026-01-01T00:00:00Z" }
	store.appliances.see("kitchen", { past: { head, known: [], fault } })
	store.close()
	return data
}

test("hotfix history names the appliances whose history is not the one that was seen", async () => {
	const data = await makeDesktop()
	const said = "not the history that was seen here before: kitchen (History in the app says what to do)\n"
	const { status, stdout, stderr } = await hotfix(["history"], data)
	expect({ status, stderr }).toEqual({ status: 0, stderr: said })
	expect(stdout).toContain("porch")

	const json = await hotfix(["history", "--json"], data)
	const lines = parseLines<PoolResult & { pastFault?: unknown }>(json.stdout)
	expect(Object.fromEntries(lines.map(({ applianceId, pastFault }) => [applianceId, pastFault]))).toEqual({
		kitchen: fault,
		porch: undefined,
	})
	expect(json.stderr).toBe(said)

	// Neither is reached; only the one that is asked is told of.
	expect((await hotfix(["history", "--on", "porch"], data)).stderr).not.toContain(said)
	expect((await hotfix(["history", "--on", "kitchen"], data)).stderr).toContain(said)
})
