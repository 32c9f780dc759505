import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, onTestFinished, test } from "vitest"
import { openStore } from "../../../../../core/fleet/store/store.ts"
import { makeRun } from "../make.ts"

test("results can be filtered by whatever there are results of, however many came since", () => {
	const folder = mkdtempSync(join(tmpdir(), "hotfix-choices-"))
	const store = openStore(folder, () => {})
	onTestFinished(() => {
		store.close()
		rmSync(folder, { recursive: true, force: true })
	})
	expect(store.historyChoices()).toEqual({ pools: [], modules: [], appliances: [] })
	const add = (index: number, pool: string, moduleName: string, applianceId: string, applianceName: string) => {
		const id = `run-${index}`
		store.runs.save(makeRun({ id, applianceId, applianceName }), null)
		store.runs.savePool({
			...{ runId: id, pool, moduleName, applianceId, applianceName, moduleVersion: "1.0.0", kind: "apply" },
			...{ outcome: "applied", durationMs: 1, finishedAt: new Date(index * 1000).toISOString() },
		})
	}
	store.inTransaction(() => {
		add(0, "seldom", "old-module", "gone", "Removed long ago")
		for (let index = 1; index <= 1500; index++) add(index, "often", "module", "a", `Named ${index}`)
	})
	expect(store.historyChoices()).toEqual({
		pools: ["often", "seldom"],
		modules: ["module", "old-module"],
		appliances: [
			{ id: "a", name: "Named 1500" },
			{ id: "gone", name: "Removed long ago" },
		],
	})
})
