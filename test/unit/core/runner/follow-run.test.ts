import { rm } from "node:fs/promises"
import { setTimeout as sleep } from "node:timers/promises"
import { expect, test, vi } from "vitest"
import { makeLayout } from "../../../../core/engine/layout.ts"
import { createNodeHost } from "../../../../core/engine/node-host/node-host.ts"
import { followRun } from "../../../../core/runner/follow-run.ts"
import type { Place } from "../../../../core/runner/jobs/job.ts"
import type { AnyEvent } from "../../../../core/schema/event.ts"
import { historyRunSchema } from "../../../../core/schema/history.ts"
import { jsonLines, makeAppliance, until } from "./run-bundle.ts"

vi.setConfig({ testTimeout: 60_000 })

/** A run that waits for its gate, in a process of its own. */
async function startSlow() {
	const appliance = await makeAppliance()
	const { folder, start, module, has, run } = appliance
	const closure = [`touch ${folder}/begun`, `while [ -d ${folder} ] && [ ! -e ${folder}/gate ]; do sleep 0.05; done`]
	const { child, ended } = start(
		"apply",
		"--module",
		await module("1.0.0", [{ id: "p", files: { "a.conf": "x" }, closure }]),
	)
	await until(() => has("begun"))
	const [line] = jsonLines((await run("history", "--json")).stdout)
	const place: Place = {
		host: createNodeHost(),
		options: { stateFolder: appliance.state, runnerVersion: "0.0.0-test" },
	}
	return { ...appliance, child, ended, place, id: historyRunSchema.parse(line).run }
}

async function collect(events: AsyncIterable<AnyEvent>) {
	const seen: AnyEvent[] = []
	try {
		for await (const event of events) seen.push(event)
		return { seen }
	} catch (error) {
		return { seen, error }
	}
}

test("a worker that died without a word ends the stream with runner-failed; looking recovers nothing", async () => {
	const { child, ended, place, id, read, write } = await startSlow()
	const following = collect(followRun(place, id, 0, undefined, 50))
	child.kill("SIGKILL")
	await ended
	const { seen, error } = await following
	expect(error).toMatchObject({ failure: { code: "runner-failed", data: { run: id } } })
	expect(seen.length).toBeGreaterThan(0)
	expect(await read("a.conf")).toBe("x")
	await write("gate", "")
})

test("a run that is only silent is waited for", async () => {
	const { ended, place, id, write } = await startSlow()
	const following = collect(followRun(place, id, 0, undefined, 20))
	await new Promise((resolve) => setTimeout(resolve, 300))
	await write("gate", "")
	const { seen, error } = await following
	expect(error).toBeUndefined()
	expect(seen.at(-1)).toMatchObject({ type: "run-finished", outcome: "applied" })
	expect((await ended).exit).toBe(0)
})

test("an aborted signal ends the stream without an error, also before it began", async () => {
	const { place, id, write, ended } = await startSlow()
	const stop = new AbortController()
	const following = collect(followRun(place, id, 0, stop.signal))
	setTimeout(() => stop.abort(), 100)
	expect((await following).error).toBeUndefined()
	expect(await collect(followRun(place, id, 0, stop.signal))).toEqual({ seen: [] })
	await write("gate", "")
	await ended
})

test("a command that says nothing for long is told alive by a heartbeat", async () => {
	const { ended, place, id, write } = await startSlow()
	const types: string[] = []
	for await (const { type } of followRun(place, id)) {
		types.push(type)
		if (type === "heartbeat") await write("gate", "")
	}
	expect(types.indexOf("heartbeat")).toBeGreaterThan(types.lastIndexOf("command-started"))
	expect(types.at(-1)).toBe("run-finished")
	await ended
})

test("several look on at once, and again afterwards: each hears all of it", async () => {
	const { ended, place, id, write } = await startSlow()
	const following = [collect(followRun(place, id)), collect(followRun(place, id)), collect(followRun(place, id, 3))]
	await sleep(200)
	await write("gate", "")
	const [first, second, later] = await Promise.all(following)
	await ended
	const afterwards = await collect(followRun(place, id))
	expect(first?.seen.map(({ seq }) => seq)).toEqual(first?.seen.map((_, index) => index + 1))
	expect([second, afterwards]).toEqual([first, first])
	expect(later?.seen).toEqual(first?.seen.slice(3))
})

test("what was cleared away is an unknown run, also for who was reading it", async () => {
	const { ended, place, id, write } = await startSlow()
	const following = collect(followRun(place, id))
	await sleep(200)
	await rm(makeLayout(place.options.stateFolder).run(id).events)
	expect((await following).error).toMatchObject({ failure: { code: "unknown-run", data: { run: id } } })
	expect((await collect(followRun(place, id))).error).toMatchObject({ failure: { code: "unknown-run" } })
	await write("gate", "")
	await ended
})
