import { existsSync } from "node:fs"
import { afterEach, beforeEach, expect, test } from "vitest"
import type { Host } from "../../../../core/engine/host.ts"
import { createNodeHost } from "../../../../core/engine/node-host/node-host.ts"
import { recoverRuns } from "../../../../core/engine/recover.ts"
import { cancelRun, confirmPool } from "../../../../core/engine/signals.ts"
import type { RunEvent } from "../../../../core/schema/event.ts"
import { createFaultyHost } from "../../../fault/faulty-host.ts"
import { createWorkbench, type Workbench } from "./workbench.ts"

let bench: Workbench
beforeEach(() => {
	bench = createWorkbench()
	bench.write("file", "old", 0o640)
})
afterEach(() => bench.remove())

const pools = [{ id: "p", files: { file: "new", "made/n": "new" }, confirmSeconds: 30 }]
const confirm = (run = "r", pool = "p") => confirmPool(createNodeHost(), bench.options, run, pool)
const codeOf = (step: Promise<void>) =>
	step.then(
		() => "confirmed",
		(error: { failure?: { code: string } }) => error.failure?.code ?? String(error),
	)
/** `disk` and a clock that does not wait. */
function hostWith(disk: (host: Host) => Partial<Host["disk"]> = () => ({})): Host {
	const host = createNodeHost()
	let skipped = 0
	const clock = {
		...host.clock,
		monotonic: () => host.clock.monotonic() + skipped,
		sleep: async (ms: number) => {
			skipped += ms
		},
	}
	return { ...host, clock, disk: { ...host.disk, ...disk(host) } }
}
const onPhase = (phase: string, step: () => Promise<void>) => (event: RunEvent) => {
	if (event.type === "phase-started" && event.phase === phase) void step()
}
const apply = (onEvent: (event: RunEvent) => void = () => {}) => bench.apply({ pools }, {}, { run: "r", onEvent })
const applied = "p: preflight backup apply closure confirm = applied"
const putBack = "p: preflight backup apply closure confirm! restore reclosure = failed"

test("a pool that waits is applied when somebody confirms, at once or again", async () => {
	const said: string[] = []
	const twice = async () => {
		said.push(await codeOf(confirm()), await codeOf(confirm()))
	}
	const { story } = await apply(onPhase("confirm", twice))
	expect([story[0], said]).toEqual([applied, ["confirmed", "confirmed"]])
})

test("a rehearsal waits for nobody: it is put back all the same", async () => {
	bench.host = hostWith()
	const before = bench.tree()
	const { story } = await bench.apply({ pools }, { kind: "rehearse", force: true })
	expect(story[0]).toBe("p: preflight backup apply closure restore reclosure = applied")
	expect(bench.tree()).toEqual(before)
})

test("nobody confirms: put back after the time, not before", async () => {
	bench.host = hostWith()
	const before = bench.tree()
	const from = bench.host.clock.monotonic()
	const { story, reasons } = await apply()
	expect(story[0]).toBe(putBack)
	expect(reasons.p).toEqual({ phase: "confirm", message: "nobody confirmed within 30 s" })
	expect(bench.host.clock.monotonic() - from).toBeGreaterThanOrEqual(30_000)
	expect(bench.tree()).toEqual(before)
})

test("confirmed before the wait has begun: refused, and it does not count", async () => {
	bench.host = hostWith()
	let early: Promise<string> | undefined
	const { story } = await apply((event) => {
		if (event.type === "phase-started" && event.phase === "closure") early = codeOf(confirm())
	})
	expect([await early, story[0]]).toEqual(["not-waiting", putBack])
})

test("a confirmation that lies there from before does not count", async () => {
	const { writeFileSync } = await import("node:fs")
	bench.host = hostWith()
	const lay = async () => writeFileSync(`${bench.options.stateFolder}/runs/r/confirm-p`, "")
	const { story } = await apply(onPhase("preflight", lay))
	expect(story[0]).toBe(putBack)
})

test("confirmed at the very limit, before the wait ends: it holds", async () => {
	let said = ""
	bench.host = hostWith(({ disk }) => ({
		remove: async (path) => {
			if (path.endsWith("/waiting-p")) said = await codeOf(confirm())
			await disk.remove(path)
		},
	}))
	const { story } = await apply()
	expect([said, story[0]]).toEqual(["confirmed", applied])
})

test("confirmed at the very limit, after the wait has ended: refused, and put back", async () => {
	let said = ""
	bench.host = hostWith(({ disk }) => ({
		remove: async (path) => {
			await disk.remove(path)
			if (path.endsWith("/waiting-p")) said = await codeOf(confirm())
		},
	}))
	const { story } = await apply()
	expect([said, story[0]]).toEqual(["not-waiting", putBack])
})

test("whenever it comes as the time runs out, what was answered is what happened", { timeout: 120_000 }, async () => {
	// Milliseconds before and after the limit; the outer ones leave no doubt.
	const offsets = [-700, ...Array.from({ length: 12 }, (_, index) => (index - 6) * 4), 1500]
	const ends = await Promise.all(
		offsets.map(async (offset) => {
			const own = createWorkbench()
			try {
				own.write("file", "old")
				let said: Promise<string> | undefined
				const { outcomes } = await own.apply(
					{ pools: [{ id: "p", files: { file: "new" }, confirmSeconds: 1 }] },
					{},
					{
						run: "r",
						onEvent: (event) => {
							if (event.type !== "phase-started" || event.phase !== "confirm") return
							said = new Promise((resolve) =>
								setTimeout(() => resolve(codeOf(confirmPool(own.host, own.options, "r", "p"))), 1000 + offset),
							)
						},
					},
				)
				return `${await said}: ${outcomes.p} ${own.read("file")}`
			} finally {
				own.remove()
			}
		}),
	)
	for (const end of ends) expect(["confirmed: applied new", "not-waiting: failed old"]).toContain(end)
	expect([ends[0], ends.at(-1)]).toEqual(["confirmed: applied new", "not-waiting: failed old"])
})

test("cancelled while it waits: put back at once", async () => {
	const before = bench.tree()
	const { story, reasons } = await apply(onPhase("confirm", () => cancelRun(bench.host, bench.options, "r")))
	expect([story[0], reasons.p?.message]).toEqual([putBack, "the run was cancelled"])
	expect(bench.tree()).toEqual(before)
})

test("a power cut while it waits: recovery puts it back, and nobody can confirm it afterwards", async () => {
	const before = bench.tree()
	let isOff = false
	const cut = (_: number, name: string, path: string) => {
		isOff ||= name === "lstat" && path.endsWith("/confirm-p")
		if (isOff) throw new Error("the power is gone")
	}
	bench.host = createFaultyHost({ before: cut }, () => 0)
	await apply().catch(() => undefined)
	expect(isOff && bench.read("file")).toBe("new")

	expect(await recoverRuns(createNodeHost(), bench.options)).toEqual([{ run: "r", outcome: "failed" }])
	expect(bench.tree()).toEqual(before)
})

test.each([
	["unknown-run", "nobody", "p"],
	["unknown-run", "../r", "p"],
	["unknown-pool", "r", "../p"],
	["not-waiting", "r", "q"],
])("%s: run %s, pool %s", async (code, run, pool) => {
	await bench.apply({ pools: [{ id: "p", files: { file: "new" } }] }, {}, { run: "r" })
	expect(await codeOf(confirm(run, pool))).toBe(code)
	expect(existsSync(`${bench.options.stateFolder}/runs/nobody`)).toBe(false)
})
