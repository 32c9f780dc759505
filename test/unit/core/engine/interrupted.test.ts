import { expect, test } from "vitest"
import { readHistory } from "../../../../core/engine/history.ts"
import { makeLayout } from "../../../../core/engine/layout.ts"
import { readStatus } from "../../../../core/engine/status.ts"
import { textAt, write } from "../../../fault/appliance.ts"
import { createMemoryBench, type MemoryBench } from "./memory-bench.ts"
import { checkTold } from "./told.ts"
import { BY, checkFiles, makeHost, prepare, readRows, run, type World } from "./world.ts"

/**
 * Where the runner dies, and what recovery makes of it: the phases of each pool that it runs, how the pool ends and in
 * which phase it was cut short; the final closure. The words are those of the table of phases.
 */
const table = `
given                               | p1                                   | p2                                  | run      | final
crash-in-preflight                  | = failed in preflight                |                                     | failed   | not-run
checks crash-in-baseline            | = failed in baseline                 |                                     | failed   | not-run
crash-in-backup                     | = failed in backup                   |                                     | failed   | not-run
crash-in-apply                      | restore reclosure = failed in apply  |                                     | failed   | not-run
crash-in-closure                    | restore reclosure = failed in closure |                                    | failed   | not-run
checks crash-in-checks              | restore reclosure = failed in checks |                                     | failed   | not-run
not-confirmed crash-in-confirm      | restore reclosure = failed in confirm |                                    | failed   | not-run
closure-fails crash-in-restore      | restore reclosure = failed in closure |                                    | failed   | not-run
closure-fails crash-in-reclosure    | restore reclosure = failed in closure |                                    | failed   | not-run
crash-in-p2-preflight               |                                      | = failed in preflight               | failed   | not-run
crash-in-p2-closure                 |                                      | restore reclosure = failed in closure | failed | not-run
crash-in-final-closure              |                                      |                                     | applied  | failed
no-final crash-in-p2-closure        |                                      | restore reclosure = failed in closure | failed | not-run
closure-fails-always crash-in-closure | restore reclosure! = degraded in closure |                               | degraded | not-run
closure-fails-on-old crash-in-apply | restore reclosure! = degraded in apply |                                   | degraded | not-run
backup-lost crash-in-closure        | restore! reclosure = degraded in closure |                                 | degraded | not-run
crash-in-closure manifest-lost      | = degraded in closure                |                                     | degraded | not-run
rehearse crash-in-closure           | restore reclosure = failed in closure |                                    | failed   | not-run
rehearse crash-in-reclosure         | restore reclosure = failed in closure |                                    | failed   | not-run
revert crash-in-apply               | restore reclosure = failed in apply  |                                     | failed   | not-run
rehearse modify crash-in-apply      | restore reclosure = failed in apply  |                                     | failed   | not-run
rehearse modify crash-in-restore    | restore reclosure = failed in closure |                                    | failed   | not-run
no-file crash-in-closure            | restore reclosure = failed in closure |                                    | failed   | not-run
crash-in-backup-done                | restore reclosure = failed in apply  |                                     | failed   | not-run
crash-at-p1-closed                  | = applied                            |                                     | failed   | not-run
crash-at-p2-closed                  |                                      | = applied                           | applied  | failed
no-final crash-at-p2-closed         |                                      | = applied                           | applied  | not-run
crash-at-p2-open                    |                                      | = failed in preflight               | failed   | not-run
crash-in-closure events-lost        | restore reclosure = failed in closure |                                    | failed   | not-run
crash-in-p2-closure events-lost     | = applied                            | restore reclosure = failed in closure | failed | not-run
closure-fails crash-in-p2-closure events-lost | = failed in closure        | restore reclosure = failed in closure | failed | not-run
crash-in-final-closure events-lost  | = applied                            | = applied                           | applied  | failed
crash-at-end end-lost               |                                      |                                     | applied  | passed
final-fails crash-at-end end-lost   |                                      |                                     | applied  | failed
closure-fails crash-at-end end-lost |                                      |                                     | failed   | not-run
again higher crash-in-closure       | restore reclosure = failed in closure |                                    | failed   | not-run
`

test.each(readRows(table))("%s → %s %s", async (given = "", p1, p2, outcome, final) => {
	const words = given.split(" ")
	const has = (word: string) => words.includes(word)
	const world: World = { has, isBefore: false }
	const bench = await createMemoryBench({})
	const module = await prepare(bench, world)
	const before = bench.tree()
	const { events: told } = await run(bench, world, module)
	if (!world.crashed) throw new Error("the runner did not die")
	bench.restart(world.crashed)
	const run1 = told[0]?.run ?? ""
	expect((await readStatus(bench.host, bench.options)).interrupted).toEqual([run1])
	if (has("manifest-lost")) await bench.disk.removeTree(`${bench.options.stateFolder}/backups/pools/p1/${run1}`)

	await loseEvents(bench, run1, has)

	const { ended, recovered, events, story, outcomes: now, reasons } = await recover(bench, world)
	const [end] = recovered
	expect(recovered).toHaveLength(1)
	expect(end).toMatchObject({ run: run1, outcome })
	// Only a failed one is the business of whoever asked for the recovery.
	expect(end?.finalClosure?.outcome).toBe(final === "failed" ? final : undefined)
	const lineOf = (pool: string) => story.find((line) => line.startsWith(`${pool}: `))?.slice(4) ?? ""
	const inPhase = (pool: string) => (reasons[pool] ? `${lineOf(pool)} in ${reasons[pool].phase}` : lineOf(pool))
	expect([inPhase("p1"), inPhase("p2")]).toEqual([p1, p2])
	for (const pool of ["p1", "p2"]) {
		const wasClosed = given.includes("closure-fails crash-in-p2") && pool === "p1"
		if (reasons[pool]) expect(reasons[pool].message === "the run was interrupted").toBe(!wasClosed)
		if (now[pool] === "degraded") expect(reasons[pool]?.details?.join("\n")).toMatch(/[a-z]/)
	}

	// Its events go on where they stopped, and its history tells it from beginning to end.
	const [last] = await readHistory(bench.host, bench.options)
	expect(last).toMatchObject({ run: run1, by: BY, state: "finished", interrupted: true, outcome })
	expect(last?.finalClosure?.outcome).toBe(final)
	expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => (events[0]?.seq ?? 0) + index))
	expect(events.at(-1)).toMatchObject({ type: "run-finished", interrupted: true, outcome })
	// What the commands left running is ended by every mark of what is open, once each; a closed pool's lives on.
	expect(new Set(ended).size).toBe(ended.length)
	expect(ended.length > 0).toBe(!/crash-in-(p2-)?(preflight|backup|apply)|crash-at-/.test(given))
	if (given.includes("crash-in-p2-closure")) expect(ended).toHaveLength(1)

	const outcomes = Object.fromEntries(last?.pools.map(({ pool, outcome }) => [pool, outcome]) ?? [])
	for (const pool of ["p1", "p2"]) checkFiles(bench, has, pool, outcomes[pool] ?? "failed", before)
	await checkTold(bench, run1, events)
	const after = bench.tree()
	expect(await bench.recover()).toMatchObject({ recovered: [], events: [] })
	expect(bench.tree()).toEqual(after)
	expect((await readStatus(bench.host, bench.options)).interrupted).toEqual([])
})

async function recover(bench: Awaited<ReturnType<typeof createMemoryBench>>, world: World) {
	const ended: string[] = []
	const plain = bench.host
	const host = makeHost(
		bench,
		{ ...world, has: (word) => !/crash|backup-lost/.test(word) && world.has(word) },
		new AbortController(),
	)
	const endMarked = async (mark: string) => ended.push(mark) * 0
	bench.host = { ...host, shell: { ...host.shell, endMarked } }
	const result = await bench.recover()
	bench.host = plain
	return { ended, ...result }
}

/** Events are for whoever looks on: what a power cut takes of them, the journal knows. */
async function loseEvents(bench: MemoryBench, run: string, has: World["has"]): Promise<void> {
	const path = makeLayout(bench.options.stateFolder).run(run).events
	const lines = (textAt(bench.disk.inodes(), path) ?? "").split("\n")
	if (has("events-lost")) await bench.disk.remove(path)
	if (!has("end-lost")) return
	await bench.disk.remove(path)
	const kept = lines.filter((line) => line !== "" && !line.includes('"run-finished"'))
	await write(bench.disk, path, kept.map((line) => `${line}\n`).join(""), 0o600)
}
