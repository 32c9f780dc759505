import { appendFileSync, mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { openEventRecord } from "../../../../core/engine/events/event-record.ts"
import { followEvents } from "../../../../core/engine/events/follow-events.ts"
import type { RunEvent } from "../../../../core/schema/event.ts"
import { createWorkbench, type Workbench } from "./workbench.ts"

let bench: Workbench
let path: string
beforeEach(() => {
	bench = createWorkbench()
	mkdirSync(join(bench.options.stateFolder, "runs/r"), { recursive: true })
	path = join(bench.options.stateFolder, "runs/r/events.jsonl")
})
afterEach(() => bench.remove())

const end = { type: "run-finished", outcome: "applied" } as const

async function follow(after = 0): Promise<number[]> {
	const seqs: number[] = []
	for await (const { seq } of followEvents(bench.host, bench.options, "r", after)) seqs.push(seq)
	return seqs
}

test("followers get every event once, in order, live and afterwards, from wherever they ask", async () => {
	const told: RunEvent[] = []
	const record = await openEventRecord(bench.host, path, "r", (event) => told.push(event))
	const live = Promise.all([follow(), follow(150)])
	for (let count = 0; count < 300; count++) {
		record.emit({ type: "heartbeat" })
		if (count % 50 === 0) await bench.host.clock.sleep(5)
	}
	await record.finish(end)
	await record.close()
	const all = Array.from({ length: 301 }, (_, index) => index + 1)
	expect(told.map(({ seq }) => seq)).toEqual(all)
	expect(await live).toEqual([all, all.slice(150)])
	expect(await follow(299)).toEqual([300, 301])
})

test("an event that is not yet safe on disk is told to nobody", async () => {
	let letSync = () => {}
	const opening = async (...args: Parameters<typeof bench.host.disk.open>) => {
		const file = await bench.host.disk.open(...args)
		return { ...file, sync: () => new Promise<void>((resolve) => (letSync = () => resolve())) }
	}
	const told: RunEvent[] = []
	const slow = { ...bench.host, disk: { ...bench.host.disk, open: opening } }
	const record = await openEventRecord(slow, path, "r", (event) => told.push(event))
	record.emit({ type: "heartbeat" })
	const stop = new AbortController()
	const followed: number[] = []
	const following = (async () => {
		for await (const { seq } of followEvents(bench.host, bench.options, "r", 0, { signal: stop.signal }))
			followed.push(seq)
	})()
	await bench.host.clock.sleep(150)
	expect([told, followed]).toEqual([[], []])
	letSync()
	await bench.host.clock.sleep(150)
	expect([told.length, followed]).toEqual([1, [1]])
	stop.abort()
	await following
	await record.close()
})

test("the run's end is told only when the record is closed", async () => {
	const told: RunEvent[] = []
	const record = await openEventRecord(bench.host, path, "r", (event) => told.push(event))
	await record.finish(end)
	record.emit({ type: "heartbeat" })
	expect(told).toEqual([])
	await record.close()
	expect(told.map(({ type }) => type)).toEqual(["run-finished"])
})

test("a record that broke off goes on with the next number, over what was half written", async () => {
	const first = await openEventRecord(bench.host, path, "r")
	first.emit({ type: "heartbeat" })
	await first.close()
	appendFileSync(path, '{"seq":2,"time":"2026-01-01T00:00:00Z","run":"r","type":"heartbeat"}\n{"seq":3,"ti')
	const second = await openEventRecord(bench.host, path, "r")
	second.emit({ type: "heartbeat" })
	await second.finish(end)
	await second.close()
	expect(await follow()).toEqual([1, 2, 3, 4])
})

test("a disk that is full for a while loses no event", async () => {
	let isFull = false
	const opening = async (...args: Parameters<typeof bench.host.disk.open>) => {
		const file = await bench.host.disk.open(...args)
		const write = async (bytes: Uint8Array, position: number) => {
			if (isFull) throw Object.assign(new Error("ENOSPC"), { code: "ENOSPC" })
			await file.write(bytes, position)
		}
		return { ...file, write }
	}
	const record = await openEventRecord({ ...bench.host, disk: { ...bench.host.disk, open: opening } }, path, "r")
	record.emit({ type: "heartbeat" })
	await bench.host.clock.sleep(20)
	isFull = true
	record.emit({ type: "heartbeat" })
	await bench.host.clock.sleep(20)
	isFull = false
	record.emit({ type: "heartbeat" })
	await record.finish(end)
	await record.close()
	expect(await follow()).toEqual([1, 2, 3, 4])
})

test("a run that there is not is told as such, one that is just beginning is waited for", async () => {
	const events = followEvents(bench.host, bench.options, "none", 0)
	await expect(events.next()).rejects.toMatchObject({ failure: { code: "unknown-run" } })
	const waiting = followEvents(bench.host, bench.options, "r", 0, { waitMs: 5000 }).next()
	await bench.host.clock.sleep(50)
	writeFileSync(path, '{"seq":1,"time":"2026-01-01T00:00:00Z","run":"r","type":"heartbeat"}\n\n')
	expect((await waiting).value).toMatchObject({ seq: 1 })
})

test("a run id cannot lead out of the state folder", async () => {
	const events = followEvents(bench.host, bench.options, "../../etc", 0)
	await expect(events.next()).rejects.toMatchObject({ failure: { code: "unknown-run" } })
})
