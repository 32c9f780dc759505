import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { afterEach, expect, test } from "vitest"
import type { Contacts } from "../../../../../core/fleet/services/contacts.ts"
import { bringToStart, pilotRun } from "../../../../../core/fleet/services/run-pilot.ts"
import { createRunRecord } from "../../../../../core/fleet/services/run-record.ts"
import { createState } from "../../../../../core/fleet/services/state-service.ts"
import { whileMoving } from "../../../../../core/fleet/services/waiting.ts"
import { openStore } from "../../../../../core/fleet/store/store.ts"
import type { RunnerPort } from "../../../../../core/protocol/runner-port.ts"
import { FailureError } from "../../../../../core/schema/failure.ts"
import { makeAppliance, makeRun } from "../make.ts"

const folder = mkdtempSync(join(tmpdir(), "hotfix-pilot-"))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test("an appliance that never stops talking fills no disk: it is not followed any longer", async () => {
	const store = openStore(folder, () => {})
	const state = createState(() => ({ appliances: [], recentModules: [], runs: [], questions: [], notices: [] }))
	const deps = { store, state, owner: "me", log: () => {}, keptLimit: 1_000_000 }
	const record = createRunRecord(makeRun({ run: "r1" }), makeAppliance(), deps)
	let said = 0
	const port = {
		async *attach() {
			for (;;) {
				yield { seq: ++said, time: "", run: "r1", type: "chatter", text: "x".repeat(1000) }
				if (said % 100 === 0) await sleep(1)
			}
		},
		close: async () => {},
	} as unknown as RunnerPort
	await pilotRun(record, {} as Contacts, { run: "r1", port }, new AbortController().signal)
	record.write(null)
	expect(record.current()).toMatchObject({ state: "lost", failure: { code: "runner-incompatible" } })
	expect(store.events.count("run-1")).toBeLessThan(20_000)
	store.close()
})

test("an appliance is asked only once the run's id is on disk", async () => {
	const opened = openStore(folder, () => {})
	const onDisk: (string | undefined)[] = []
	const written = { ...opened, inDurableTransaction: <T>(work: () => T): T => opened.inDurableTransaction(work) }
	const full = {
		...opened,
		inDurableTransaction: () => {
			throw new FailureError("disk-full", { path: folder })
		},
	}
	const bring = async (store: typeof opened, id: string) => {
		const state = createState(() => ({ appliances: [], recentModules: [], runs: [], questions: [], notices: [] }))
		const record = createRunRecord(makeRun({ id, state: "connecting" }), makeAppliance(), {
			store,
			state,
			owner: "me",
			log: () => {},
		})
		const port = { close: async () => {} } as unknown as RunnerPort
		const started = await bringToStart(
			record,
			new AbortController().signal,
			async () => port,
			async (_, asking) => {
				const run = asking()
				onDisk.push(opened.runs.get(id)?.run)
				return { answer: { state: "started", run }, port }
			},
			`run-of-${id}`,
		)
		return { started, run: record.current() }
	}
	expect((await bring(written, "a")).run).toMatchObject({ state: "running", run: "run-of-a" })
	const refused = await bring(full, "b")
	expect(refused.started).toBeUndefined()
	expect(refused.run).toMatchObject({ state: "not-started", failure: { code: "disk-full" } })
	expect(onDisk).toEqual(["run-of-a"])
	opened.close()
})

test("work of unknown length may take long, but not stand still", async () => {
	const moving = async (tell: () => void) => {
		for (let round = 0; round < 5; round++) {
			await sleep(40)
			tell()
		}
		return "done"
	}
	expect(await whileMoving(0.1, "the upload", moving)).toBe("done")
	const still = whileMoving(0.05, "the upload", () => new Promise<never>(() => {}))
	await expect(still).rejects.toMatchObject({ failure: { code: "timed-out", data: { phase: "the upload" } } })
})
