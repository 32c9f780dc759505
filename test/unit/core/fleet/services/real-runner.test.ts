import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test, vi } from "vitest"
import { createNodeHost } from "../../../../../core/engine/node-host/node-host.ts"
import type { Services } from "../../../../../core/fleet/services/types.ts"
import { createServices } from "../../../../../core/fleet/services.ts"
import { createInProcessLaunch } from "../../../../../core/runner/jobs/launch.ts"
import { createLocalRunner } from "../../../../../core/runner/local-runner.ts"
import { FailureError } from "../../../../../core/schema/failure.ts"
import { makeAppliance } from "../make.ts"

// Shells, and every write synced to the disk: a busy machine takes its time.
vi.setConfig({ testTimeout: 60_000 })

let root: string
let services: Services
let applianceId: string
/** Connections that the appliance still takes. */
let connections: number

beforeEach(async () => {
	connections = Number.POSITIVE_INFINITY
	root = await mkdtemp(join(tmpdir(), "hotfix-real-runner-"))
	for (const folder of ["appliance", "hotfix/src"]) await mkdir(join(root, folder), { recursive: true })
	await writeFile(join(root, "appliance", "page"), "old page")
	await writeFile(join(root, "appliance", "config"), "old config")
	await writeFile(join(root, "hotfix", "src", "page"), "new page")
	await writeFile(join(root, "hotfix", "src", "config"), "new config")
	await writeModule("grep -q new page")
	const options = { stateFolder: join(root, "state"), logFile: join(root, "update.log"), runnerVersion: "0.0.0-test" }
	const launch = createInProcessLaunch()
	const connect = async () => {
		if (connections-- <= 0) throw new FailureError("refused", { host: "appliance", port: 22 })
		return createLocalRunner({ host: createNodeHost(), options, launch })
	}
	services = await createServices({
		dataFolder: join(root, "data"),
		host: "browser",
		version: "1",
		runnerBundle: "unused",
		connect,
	})
	const { id: _, ...appliance } = makeAppliance()
	applianceId = services.appliances.save(appliance).id
})
afterEach(async () => {
	await services.close()
	await rm(root, { recursive: true, force: true })
})

async function writeModule(proof: string, version = "1.0.0", confirmSeconds?: number) {
	const pool = (id: string, file: string, command: string) => ({
		id,
		description: id,
		operations: [{ target: file, destination: join(root, "appliance", file) }],
		closure: [`cd ${join(root, "appliance")}`, command],
		...(confirmSeconds !== undefined && { confirmSeconds }),
	})
	const index = {
		metadata: { schema_version: version },
		pools: [pool("page", "page", proof), pool("config", "config", "grep -q config config")],
		finalClosure: ["true"],
	}
	await writeFile(join(root, "hotfix", "index.json"), JSON.stringify(index))
}
const standing = async () => [
	await readFile(join(root, "appliance", "page"), "utf8"),
	await readFile(join(root, "appliance", "config"), "utf8"),
]
async function run() {
	const [started] = await services.runs.start({ folder: join(root, "hotfix"), applianceIds: [applianceId] })
	return services.runs.ended(started?.id ?? "")
}

test("a plan says what would change and changes nothing", async () => {
	const plan = await services.runs.plan({ folder: join(root, "hotfix"), applianceId })
	expect(plan.pools.map(({ pool, would }) => [pool, would])).toEqual([
		["page", "apply"],
		["config", "apply"],
	])
	expect(plan.pools[0]?.operations[0]).toMatchObject({ change: "replace", sizeBefore: 8, sizeAfter: 8 })
	// The appliance has digests only: the difference is made here, and the old text goes no further.
	const path = join(root, "appliance", "page")
	const noEnd = "\\ No newline at end of file\n"
	const diff = `--- ${path}\n+++ ${path}\n@@ -1,1 +1,1 @@\n-old page\n${noEnd}+new page\n${noEnd}`
	expect(plan.pools[0]?.operations[0]?.diff).toBe(diff)
	expect(plan.pools[0]?.operations[0]).not.toHaveProperty("before")
	expect(await standing()).toEqual(["old page", "old config"])
})

test("a module is applied; the desktop and the appliance remember the same", async () => {
	const ended = await run()
	expect(ended).toMatchObject({ state: "finished", outcome: "applied", finalClosure: { outcome: "passed" } })
	expect(await standing()).toEqual(["new page", "new config"])
	const [remembered] = await services.history.fetch(applianceId, { limit: 1 })
	expect(remembered).toMatchObject({
		run: ended.run,
		outcome: "applied",
		pools: [{ pool: "page" }, { pool: "config" }],
	})
	expect(await services.history.sync(applianceId)).toEqual({ added: 0 })
	expect(services.history.pools({}).results.map(({ pool, outcome }) => [pool, outcome])).toEqual([
		["config", "applied"],
		["page", "applied"],
	])
})

test("a pool that fails is put back, the next one goes on, and the desktop says which command it was", async () => {
	await writeModule("grep -q old page || { echo no good >&2; (exit 7); }")
	const ended = await run()
	expect(ended).toMatchObject({ state: "finished", outcome: "failed", finalClosure: { outcome: "not-run" } })
	expect(ended.pools).toMatchObject([
		{
			pool: "page",
			outcome: "failed",
			reason: { phase: "closure", exit: 7, output: expect.stringContaining("no good") },
		},
		{ pool: "config", outcome: "applied" },
	])
	expect(await standing()).toEqual(["old page", "new config"])
})

test("a lower version is refused, and that is why it did not start", async () => {
	await writeModule("grep -q new page", "2.0.0")
	await run()
	await writeModule("grep -q new page", "1.9.0")
	expect(await run()).toMatchObject({ state: "not-started", failure: { code: "refused-downgrade" } })
})

test("a pool that waits for a fresh connection is confirmed by itself", async () => {
	await writeModule("grep -q new page", "1.0.0", 20)
	expect(await run()).toMatchObject({ state: "finished", outcome: "applied" })
	expect(await standing()).toEqual(["new page", "new config"])
})

test("a pool after which the appliance cannot be reached anew is put back", async () => {
	await writeModule("grep -q page page", "1.0.0", 2)
	connections = 1
	const ended = await run()
	expect(ended).toMatchObject({ state: "finished", outcome: "failed" })
	expect(ended.pools).toMatchObject([
		{ outcome: "failed", reason: { phase: "confirm" } },
		{ outcome: "failed", reason: { phase: "confirm" } },
	])
	expect(await standing()).toEqual(["old page", "old config"])
})

/** Starts what was looked at, after something happened in between. */
async function runReviewed(between: () => Promise<unknown>, plans?: Record<string, string>) {
	const folder = join(root, "hotfix")
	const { digest } = await services.runs.plan({ folder, applianceId })
	await between()
	const [started] = await services.runs.start({
		folder,
		applianceIds: [applianceId],
		plans: plans ?? { [applianceId]: digest },
	})
	return services.runs.ended(started?.id ?? "")
}
const changes = (ended: Awaited<ReturnType<typeof runReviewed>>) => ended.failure?.data.changes

test("what was looked at is started; when nothing else is on the appliance, it runs", async () => {
	expect(await runReviewed(async () => {})).toMatchObject({ state: "finished", outcome: "applied" })
	expect(await standing()).toEqual(["new page", "new config"])
})

test("a file that somebody changed since the plan: nothing starts, nothing is touched, and it is said which", async () => {
	const page = join(root, "appliance", "page")
	const ended = await runReviewed(() => writeFile(page, "new page?"))
	expect(ended).toMatchObject({ state: "not-started", failure: { code: "plan-changed" } })
	expect(changes(ended)).toEqual([`${page} was changed on the appliance`])
	expect(ended.run).toBeUndefined()
	expect(await standing()).toEqual(["new page?", "old config"])
	expect(await services.history.fetch(applianceId, {})).toEqual([])
	// Looked at once more it is what was looked at.
	expect(await runReviewed(async () => {})).toMatchObject({ state: "finished", outcome: "applied" })
})

test("a file that is gone, or was applied by somebody else meanwhile, is another plan as well", async () => {
	const config = join(root, "appliance", "config")
	expect(changes(await runReviewed(() => rm(config)))).toEqual([`${config} was removed on the appliance`])
	await writeFile(config, "old config")
	expect(changes(await runReviewed(run))).toContain("the appliance has 1.0.0, and had none then")
})

test("a module that was edited since the plan is another plan", async () => {
	const ended = await runReviewed(() => writeFile(join(root, "hotfix", "src", "page"), "new page 2"))
	expect(changes(ended)).toEqual(["the module itself was changed"])
	expect(await standing()).toEqual(["old page", "old config"])
})

test("an appliance whose plan nobody saw is not touched; nor one whose plan is not known any more", async () => {
	expect(await runReviewed(async () => {}, {})).toMatchObject({
		state: "not-started",
		failure: { code: "plan-changed", data: { reason: "never-seen" } },
	})
	expect(await runReviewed(async () => {}, { [applianceId]: "0".repeat(64) })).toMatchObject({
		state: "not-started",
		failure: { code: "plan-changed", data: {} },
	})
	expect(await standing()).toEqual(["old page", "old config"])
})

test("other options than those looked at are another plan", async () => {
	const folder = join(root, "hotfix")
	const { digest } = await services.runs.plan({ folder, applianceId, force: true })
	const plans = { [applianceId]: digest }
	const start = async (force: boolean) => {
		const [started] = await services.runs.start({ folder, applianceIds: [applianceId], plans, force })
		return services.runs.ended(started?.id ?? "")
	}
	expect(await start(false)).toMatchObject({ state: "not-started", failure: { code: "plan-changed" } })
	expect(await start(true)).toMatchObject({ state: "finished", outcome: "applied" })
})

test("how long pools took is known of the ones that were applied", async () => {
	await writeModule("false")
	await run()
	expect(services.history.durations("hotfix").map(({ pool, applianceId }) => [pool, applianceId])).toEqual([
		["config", applianceId],
	])
	expect(services.history.durations("another")).toEqual([])
})
