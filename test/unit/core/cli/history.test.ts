import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest"
import { appliancesHistory } from "../../../../core/cli/commands/history.ts"
import { openStore, type Store } from "../../../../core/fleet/store/store.ts"
import type { HistoryRun } from "../../../../core/schema/history.ts"
import { callHotfix } from "../../../support/in-process.ts"
import { makeAppliance, makeRun } from "../fleet/make.ts"

const at = (index: number) => new Date(Date.UTC(2026, 0, 1) + index * 1000).toISOString()

describe("what this desktop has seen", () => {
	let folder: string
	beforeEach(() => {
		folder = mkdtempSync(join(tmpdir(), "hotfix-history-"))
	})
	afterEach(() => rmSync(folder, { recursive: true, force: true }))

	const history = (...args: string[]) => callHotfix(["--data", folder, "history", ...args])
	const lines = (text: string) => text.trimEnd().split("\n")
	function fill(count: number) {
		const store = openStore(folder, () => {})
		store.inTransaction(() => {
			for (let index = 0; index < count; index++) add(store, index)
		})
		store.close()
	}
	function add(store: Store, index: number) {
		const run = makeRun({ id: `here-${index}`, run: `there-${index}`, state: "finished", outcome: "applied" })
		store.runs.save(run, null, makeAppliance())
		store.runs.savePool({
			...{ runId: run.id, applianceId: "a1", applianceName: "Alpha", moduleName: "hotfix", moduleVersion: "1.0.0" },
			...{ pool: "p", kind: "apply", outcome: "applied", finishedAt: at(index), durationMs: 7 },
		})
	}

	test("as CSV: runs by the id that they have on the appliance, and that there is more", async () => {
		fill(53)
		const { exit, stdout, stderr } = await history("--csv")
		expect(exit).toBe(0)
		expect(lines(stdout)).toHaveLength(51)
		expect(lines(stdout)[1]).toBe(`${at(52)},Alpha,hotfix,1.0.0,apply,p,applied,7,,,,,there-52`)
		expect(stderr).toBe("the newest 50 of 53 results: --limit NUMBER prints them\n")
		expect((await history("--json")).stderr).toContain("50 of 53")
		const all = await history("--csv", "--limit", "60")
		expect([lines(all.stdout).length, all.stderr]).toEqual([54, ""])
		expect((await history("--csv", "--limit", "3")).stderr).toBe("")
	})

	test("that is all: nothing is said of more", async () => {
		fill(50)
		expect(await history("--json")).toMatchObject({ exit: 0, stderr: "" })
	})
})

test("what an appliance remembers beyond the newest 50 is told of, and not printed", async () => {
	const run = (index: number): HistoryRun => ({
		...{ run: `r${index}`, kind: "apply", module: { name: "m", version: "1.0.0", digest: "0".repeat(64) } },
		...{ startedAt: at(index), finishedAt: at(index), state: "finished", outcome: "applied" },
		pools: [{ pool: "p", outcome: "applied", phases: [], files: [], commands: [], durationMs: 1 }],
	})
	const print = async (limit?: number) => {
		const fetch = vi.fn(async (_: string, filter: { limit?: number }) =>
			Array.from({ length: Math.min(filter.limit ?? 50, 70) }, (_, index) => run(index)),
		)
		const appliances = { list: () => [], adHoc: () => makeAppliance({ id: "a", name: "kitchen" }) }
		const services = { appliances, history: { fetch } } as unknown as Parameters<typeof appliancesHistory>[0]
		const printed: string[] = []
		const told: string[] = []
		const log = vi.spyOn(console, "log").mockImplementation((line) => void printed.push(String(line)))
		const write = vi.spyOn(process.stderr, "write").mockImplementation((text) => told.push(String(text)) > 0)
		const options = { on: ["kitchen"], sshConfig: "none", csv: true, ...(limit && { limit }) }
		const exit = await appliancesHistory(services, options).finally(() => {
			log.mockRestore()
			write.mockRestore()
		})
		return { exit, printed: printed.length, told: told.join("") }
	}
	const more = "kitchen: the newest 50 runs, there are more: --limit NUMBER prints them\n"
	expect(await print()).toEqual({ exit: 0, printed: 50, told: more })
	expect(await print(60)).toEqual({ exit: 0, printed: 60, told: "" })
})
