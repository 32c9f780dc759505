import { execFileSync } from "node:child_process"
import { readFileSync, rmSync } from "node:fs"
import { expect } from "vitest"
import { readOriginal } from "../../core/engine/backup/originals.ts"
import { readHistory } from "../../core/engine/history.ts"
import type { Host } from "../../core/engine/host.ts"
import { readJournal } from "../../core/engine/journal/journal.ts"
import { makeLayout } from "../../core/engine/layout.ts"
import { recoverRuns } from "../../core/engine/recover.ts"
import { readStatus } from "../../core/engine/status.ts"
import { createWorkbench, type TestModule, type Workbench } from "../unit/core/engine/workbench.ts"
import { createFaultyHost, type Fault, type FaultyHost, noFault } from "./faulty-host.ts"

/**
 * An appliance on which version 0.9.0 was applied. Version 1.0.0 has two pools: the first passes, the second's closure
 * fails on its new file, so that it is put back.
 */
export interface Scenario {
	bench: Workbench
	module: TestModule
	/** Everything below the appliance's files before version 1.0.0. */
	before: Record<string, string>
	/** A host of this appliance with a fault. */
	host(fault: Fault): FaultyHost
	/** The whole appliance, state folder included, as it was before version 1.0.0. */
	reset(): void
	remove(): void
}

export async function createScenario(): Promise<Scenario> {
	const bench = createWorkbench()
	bench.write("p1/a.txt", original, 0o640)
	bench.write("p1/same.txt", "same")
	bench.write("p2/b.txt", "old b", 0o600)
	const module: TestModule = {
		pools: [
			{ id: "p1", files: { "p1/a.txt": "new a", "p1/made/deep/n.txt": "new n", "p1/same.txt": "same" } },
			{ id: "p2", files: { "p2/b.txt": "new b", "p2/made/n.txt": "new n" }, closure: ["fails-on-new"] },
		],
		finalClosure: ["true"],
	}
	const run = (command: string) => (command === "fails-on-new" && bench.read("p2/b.txt") === "new b" ? 1 : 0)
	const host = (fault: Fault) => createFaultyHost(fault, run)
	bench.host = host(noFault)
	await bench.apply({ version: "0.9.0", pools: [{ id: "p1", files: { "p1/a.txt": "first a" } }] })
	const saved = `${bench.folder}.saved`
	execFileSync("cp", ["-a", bench.folder, saved])
	const reset = () => {
		rmSync(bench.folder, { recursive: true, force: true })
		execFileSync("cp", ["-a", saved, bench.folder])
	}
	const remove = () => {
		bench.remove()
		rmSync(saved, { recursive: true, force: true })
	}
	return { bench, module, before: bench.tree(), host, reset, remove }
}

/** Runs the scenario's module, whatever comes of it: a process that crashed has no result. */
export async function runWith(scenario: Scenario, host: Host): Promise<void> {
	scenario.bench.host = host
	const applied = await scenario.bench.apply(scenario.module).catch(() => undefined)
	if (applied && applied.result.state !== "finished") throw new Error(`cannot begin: ${JSON.stringify(applied.result)}`)
}

export async function recoverWith(scenario: Scenario, host: Host): Promise<void> {
	await recoverRuns(host, scenario.bench.options).catch(() => undefined)
}

/** DESIGN invariant 1, and that state, history and journal all say the same as the disk. */
export async function checkInvariants(scenario: Scenario, allowDegraded = false): Promise<void> {
	const { bench, before } = scenario
	const { options } = bench
	const host = scenario.host(noFault)
	const recovered = await recoverRuns(host, options)
	const tree = bench.tree()
	const status = await readStatus(host, options)
	expect(status.running).toBeUndefined()
	expect(status.interrupted).toEqual([])
	// The customer's own version outlives everything (invariant 6).
	const pinned = await readOriginal(host, makeLayout(options.stateFolder), bench.path("p1/a.txt"))
	expect(pinned?.snapshot.kind === "file" && readBlob(options.stateFolder, pinned.snapshot.digest)).toBe(original)
	const outcomes = new Map(status.modules.flatMap(({ pools }) => pools.map(({ pool, outcome }) => [pool, outcome])))
	const isDegraded = (pool: string) => allowDegraded && outcomes.get(pool) === "degraded"
	const isNew = status.modules[0]?.version === "1.0.0" && outcomes.get("p1") === "applied"
	if (isNew) expect(contents(tree, "p1")).toEqual(newFiles)
	else if (!isDegraded("p1")) expect(below(tree, "p1")).toEqual(below(before, "p1"))
	if (!isDegraded("p2")) expect(below(tree, "p2")).toEqual(below(before, "p2"))
	expect(outcomes.get("p2") ?? "failed").toBe(isDegraded("p2") ? "degraded" : "failed")
	if (!isDegraded("p1") && !isDegraded("p2"))
		expect(Object.keys(tree).filter((path) => path.includes(".hotfix-"))).toEqual([])
	await checkRecords(
		scenario,
		recovered.map(({ run }) => run),
	)
}

/** Every run that was begun has an end, and its events tell it from beginning to end, numbered without a gap. */
async function checkRecords({ bench, host }: Scenario, recovered: string[]): Promise<void> {
	const { options } = bench
	for (const { run, state, interrupted } of await readHistory(host(noFault), options)) {
		expect(state).toBe("finished")
		if (recovered.includes(run)) expect(interrupted ?? true).toBe(true)
		const text = readFileSync(`${options.stateFolder}/runs/${run}/events.jsonl`, "utf8")
		const events: { seq: number; type: string; pool?: string; outcome?: string }[] = text
			.split("\n")
			.filter(Boolean)
			.map((line) => JSON.parse(line))
		expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1))
		expect([events[0]?.type, events.at(-1)?.type]).toEqual(["run-started", "run-finished"])
		const records = await readJournal(host(noFault), makeLayout(options.stateFolder).run(run).journal)
		const closed = records?.flatMap((record) => (record.type === "pool-closed" ? [record.pool] : []))
		const finished = events.filter(({ type, outcome }) => type === "pool-finished" && outcome !== "unchanged")
		expect(finished.map(({ pool }) => pool)).toEqual(closed)
	}
}

/** What the customer had before anything was ever applied. */
const original = "the customer's a"

function readBlob(stateFolder: string, digest: string): string {
	return readFileSync(`${stateFolder}/backups/blobs/${digest}`, "utf8")
}

const newFiles = { "p1/a.txt": "new a", "p1/made/deep/n.txt": "new n", "p1/same.txt": "same" }

function below(tree: Record<string, string>, pool: string): Record<string, string> {
	return Object.fromEntries(Object.entries(tree).filter(([path]) => path.startsWith(`${pool}/`)))
}

/** Files only, by their content. */
function contents(tree: Record<string, string>, pool: string): Record<string, string> {
	const files = Object.entries(below(tree, pool)).filter(([, text]) => !text.startsWith("folder"))
	return Object.fromEntries(files.map(([path, text]) => [path, text.split(" ").slice(4).join(" ")]))
}
