import { spawn } from "node:child_process"
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { readHistory } from "../../../../core/engine/history.ts"
import { makeLayout } from "../../../../core/engine/layout.ts"
import { planModule } from "../../../../core/engine/plan.ts"
import { recoverRuns } from "../../../../core/engine/recover.ts"
import { readStatus } from "../../../../core/engine/status.ts"
import type { RunEvent } from "../../../../core/schema/event.ts"
import { outcomeSentence } from "../../../../core/schema/outcome-sentences.ts"
import { createWorkbench, type TestModule, type Workbench } from "./workbench.ts"

let bench: Workbench
beforeEach(() => {
	bench = createWorkbench()
	bench.write("file", "old", 0o640)
})
afterEach(() => bench.remove())

/** Runs a module in a process of its own and kills that in the middle of the closure. */
async function killInClosure(module: TestModule): Promise<void> {
	const { manifest } = bench.module(module)
	const workbench = new URL("./workbench.ts", import.meta.url).pathname
	const run = new URL("../../../../core/engine/run.ts", import.meta.url).pathname
	const host = new URL("../../../../core/engine/node-host/node-host.ts", import.meta.url).pathname
	const script = `
		import { applyModule } from ${JSON.stringify(run)}
		import { createNodeHost } from ${JSON.stringify(host)}
		const manifest = ${JSON.stringify(manifest)}
		const pathOf = (target) => ${JSON.stringify(join(bench.folder, "sources"))} + "/" + manifest.sources.find((s) => s.target === target).digest
		await applyModule(createNodeHost(), ${JSON.stringify(bench.options)}, { manifest, pathOf },
			{ kind: "apply", force: false, allowDowngrade: false, modify: false }, { run: "killed" })
	`
	const file = join(bench.folder, "run.mts")
	writeFileSync(file, script)
	const child = spawn(process.execPath, [file], { stdio: ["ignore", "inherit", "inherit"] })
	const ended = new Promise((resolve) => child.once("exit", resolve))
	for (let tries = 0; tries < 400 && !existsSync(bench.path("started")); tries++) await bench.host.clock.sleep(25)
	expect(existsSync(bench.path("started")), workbench).toBe(true)
	child.kill("SIGKILL")
	await ended
}

test("a killed runner: status says so, recovery ends what it left running, restores, and closes again", async () => {
	const before = bench.tree()
	const slow = `if grep -q new ${bench.path("file")}; then touch ${bench.path("started")}; while sleep 0.1; do date > ${bench.path("ticking")}; done; fi`
	await killInClosure({
		pools: [
			{ id: "p", files: { file: "new", "made/n": "new" }, closure: [slow] },
			{ id: "q", files: { other: "new" } },
		],
	})
	expect(await readStatus(bench.host, bench.options)).toMatchObject({ interrupted: ["killed"] })
	const request = { kind: "apply", force: false, allowDowngrade: false, modify: false } as const
	const onHost = bench.module({ pools: [{ id: "p", files: { file: "new" } }] })
	expect(await planModule(bench.host, bench.options, onHost, request)).toMatchObject({ interrupted: ["killed"] })
	expect(bench.read("file")).toBe("new")

	expect(await recoverRuns(bench.host, bench.options)).toEqual([{ run: "killed", outcome: "failed" }])

	rmSync(bench.path("started"))
	rmSync(bench.path("ticking"), { force: true })
	await bench.host.clock.sleep(400)
	expect(bench.tree()).toEqual(before)
	const [run] = await readHistory(bench.host, bench.options)
	expect(run).toMatchObject({ state: "finished", interrupted: true, outcome: "failed" })
	expect(run?.pools).toMatchObject([{ pool: "p", reason: { phase: "closure", message: "the run was interrupted" } }])
	expect(await recoverRuns(bench.host, bench.options)).toEqual([])
	expect((await readStatus(bench.host, bench.options)).interrupted).toEqual([])
})

test("where the newest notes of the journal were lost, nobody says that nothing was touched", async () => {
	const slow = `if grep -q new ${bench.path("file")}; then touch ${bench.path("started")}; sleep 60; fi`
	await killInClosure({ pools: [{ id: "p", files: { file: "new" }, closure: [slow] }] })
	const { journal } = makeLayout(bench.options.stateFolder).run("killed")
	const lines = readFileSync(journal, "utf8").split("\n")
	const complete = lines.findIndex((line) => line.includes("backup-complete"))
	writeFileSync(journal, `${lines.slice(0, complete + 1).join("\n")}\n`)
	await recoverRuns(bench.host, bench.options)
	const [run] = await readHistory(bench.host, bench.options)
	expect(run?.pools).toMatchObject([{ outcome: "failed", reason: { phase: "apply" } }])
	expect(outcomeSentence("failed", run?.pools[0]?.reason)).toContain("put back")
})

test("a final closure that was due and was cut short has failed", async () => {
	await killInClosure({
		pools: [{ id: "p", files: { file: "new" } }],
		finalClosure: [`touch ${bench.path("started")}; sleep 60`],
	})
	const events: RunEvent[] = []
	const failed = { outcome: "failed", reason: { phase: "final-closure", message: "the run was interrupted" } }
	const recovered = await recoverRuns(bench.host, bench.options, { onEvent: (event) => events.push(event) })
	expect(recovered).toEqual([{ run: "killed", outcome: "applied", finalClosure: failed }])
	expect(events.find(({ type }) => type === "final-closure")).toMatchObject(failed)
	expect(events.at(-1)).toMatchObject({ type: "run-finished", finalClosure: failed })
	expect((await readHistory(bench.host, bench.options))[0]?.finalClosure).toEqual(failed)
	expect(readFileSync(bench.options.logFile ?? "", "utf8")).toContain("[ERROR] hotfix: final closure failed")
})

test("a final closure that was not due was not run", async () => {
	const slow = `if grep -q new ${bench.path("file")}; then touch ${bench.path("started")}; sleep 60; fi`
	await killInClosure({ pools: [{ id: "p", files: { file: "new" }, closure: [slow] }], finalClosure: ["true"] })
	await recoverRuns(bench.host, bench.options)
	const [run] = await readHistory(bench.host, bench.options)
	expect(run?.finalClosure).toEqual({ outcome: "not-run", why: "not applied: p" })
})

test("a run recovers what an earlier one left before it begins", async () => {
	const slow = `if grep -q new ${bench.path("file")}; then touch ${bench.path("started")}; sleep 60; fi`
	await killInClosure({ pools: [{ id: "p", files: { file: "new" }, closure: [slow] }] })
	const { outcomes } = await bench.apply({ version: "1.0.1", pools: [{ id: "p", files: { file: "newer" } }] })
	expect(outcomes.p).toBe("applied")
	const runs = await readHistory(bench.host, bench.options)
	expect(runs.map(({ state, outcome }) => [state, outcome])).toEqual([
		["finished", "applied"],
		["finished", "failed"],
	])
})

test("a damaged backup is not restored: the file is left alone and the pool degraded", async () => {
	const slow = `if ! test -e ${bench.path("started")}; then touch ${bench.path("started")}; sleep 60; fi`
	await killInClosure({ pools: [{ id: "p", files: { file: "new" }, closure: [slow] }] })
	const { blobs } = makeLayout(bench.options.stateFolder)
	for (const name of readdirSync(blobs)) writeFileSync(join(blobs, name), "rot")
	expect(await recoverRuns(bench.host, bench.options)).toEqual([{ run: "killed", outcome: "degraded" }])
	expect(bench.read("file")).toBe("new")
	const [run] = await readHistory(bench.host, bench.options)
	expect(run?.pools[0]?.reason?.details?.join()).toContain("its backup is missing or damaged")
})

test("where nothing was ever run, recovery makes nothing", async () => {
	expect(await recoverRuns(bench.host, bench.options)).toEqual([])
	expect(existsSync(bench.options.stateFolder)).toBe(false)
})

test.each([
	[0o770, "others may write to it"],
	[0o755, "others may read it"],
])("a state folder of mode %o is refused, and nothing is touched", async (mode, reason) => {
	mkdirSync(bench.options.stateFolder)
	chmodSync(bench.options.stateFolder, mode)
	const failure = { code: "state-unsafe", data: { path: bench.options.stateFolder, reason } }
	await expect(bench.apply({ pools: [{ id: "p", files: { file: "new" } }] })).rejects.toMatchObject({ failure })
	await expect(readStatus(bench.host, bench.options)).rejects.toMatchObject({ failure })
	expect(bench.read("file")).toBe("old")
	expect(readdirSync(bench.options.stateFolder)).toEqual([])
})

test("a second run while one is going is told who holds the lock", async () => {
	let second: unknown
	await bench.apply(
		{ pools: [{ id: "p", files: { file: "new" }, closure: ["sleep 0.5"] }] },
		{ by: "the first" },
		{
			run: "first",
			onEvent: (event) => {
				if (event.type !== "command-started") return
				second = bench.apply({ version: "2.0.0", pools: [{ id: "p", files: { file: "newer" } }] })
			},
		},
	)
	expect(await second).toMatchObject({ result: { state: "busy", run: "first", by: "the first" } })
	expect(bench.read("file")).toBe("new")
})
