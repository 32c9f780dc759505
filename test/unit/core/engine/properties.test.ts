import fc from "fast-check"
import { expect, test } from "vitest"
import { emptyInodes } from "../../../fault/appliance.ts"
import type { SimulatedDisk } from "../../../fault/disk/simulated-disk.ts"
import { createSimulatedHost, type Command as SimulatedCommand } from "../../../fault/simulated-host.ts"
import { storyArbitrary } from "./model/arbitraries.ts"
import { play, runOnDisk, type Stage } from "./model/play.ts"
import { createRoot } from "./model/real-disk.ts"

/**
 * Random modules on random disks: whatever is done, the disk must look as the model in `model/` says, and outcomes, exit
 * codes, status and history must tell the same. What fails is printed with its seed, made as small as it goes; to play it
 * again, give `seed` and `path` to `fc.assert`, and `RUNS=5000` for a longer search.
 */
const runs = (count: number) => ({ numRuns: Number(process.env.RUNS ?? count) })

const HOUR = 3_600_000
const root = { uid: 0, gid: 0 }

/** An appliance in memory; each step is a process of its own, an hour after the one before. */
async function createMemoryStage(): Promise<Stage> {
	let now = Date.parse("2026-01-01T00:00:00Z")
	let disk: SimulatedDisk | undefined
	const stage: Stage = {
		options: { stateFolder: "/var/lib/hotfix", logFile: "/var/log/update.log", runnerVersion: "test" },
		root: "/srv",
		sources: "/media",
		self: root,
		host(commands) {
			now += HOUR
			const known = [...commands].map(([text, command]): [string, SimulatedCommand] => [
				text,
				(disk) => runOnDisk({ disk, root: stage.root }, command),
			])
			const host = createSimulatedHost(disk?.inodes() ?? emptyInodes(), { now, commands: Object.fromEntries(known) })
			disk = host.disk
			return { ...host, userId: async (name) => Number(name), groupId: async (name) => Number(name) }
		},
	}
	const { disk: empty } = stage.host(new Map())
	for (const folder of ["/srv", "/media", "/var/lib", "/var/log"]) await createRoot(empty, folder)
	return stage
}

test("in memory: disk and records are what the model says", async () => {
	const property = fc.asyncProperty(storyArbitrary(root), async (story) => {
		await play(await createMemoryStage(), story)
	})
	await fc.assert(property, runs(100))
}, 600_000)

test("the stories reach every outcome", async () => {
	const reached = new Set<string>()
	for (const story of fc.sample(storyArbitrary(root), { numRuns: 70, seed: 3 })) {
		for (const told of await play(await createMemoryStage(), story)) {
			if ("refused" in told) reached.add(told.refused)
			else for (const [, outcome] of told.pools) reached.add(outcome)
			if ("finalClosure" in told) reached.add(`final closure ${told.finalClosure}`)
		}
	}
	const outcomes = ["applied", "unchanged", "failed", "degraded", "skipped"]
	const closures = ["final closure passed", "final closure failed", "final closure not-run"]
	const refused = ["unknown-pool", "refused-downgrade", "refused-same-version", "bad-request", "destination-changed"]
	expect([...outcomes, ...closures, ...refused].filter((name) => !reached.has(name))).toEqual([])
})
