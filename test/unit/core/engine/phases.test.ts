import { expect, test } from "vitest"
import { readHistory } from "../../../../core/engine/history.ts"
import { exitOf } from "../../../../core/schema/outcome.ts"
import { createMemoryBench } from "./memory-bench.ts"
import { checkTold } from "./told.ts"
import { BY, checkFiles, prepare, readRows, run, type World } from "./world.ts"

/**
 * What is given in a few words, and what comes of it: the phases that pool p1 goes through (`!`: it failed there), how it
 * ends, how p2 ends, the final closure, the exit code. Each pool replaces its own file, which says "old", by one that says
 * "new", and makes another in a new folder. p2 goes `preflight backup apply closure` where it is applied.
 */
const table = `
given                           | p1                                                                    | p2       | final   | exit
                                | preflight backup apply closure = applied                              | applied  | passed  | 0
checks                          | preflight baseline backup apply closure checks = applied              | applied  | passed  | 0
confirmed                       | preflight backup apply closure confirm = applied                      | applied  | passed  | 0
checks confirmed                | preflight baseline backup apply closure checks confirm = applied      | applied  | passed  | 0

folder-at-destination           | preflight! = failed                                                   | applied  | not-run | 1
other-source                    | preflight! = failed                                                   | applied  | not-run | 1
source-missing                  | preflight! = failed                                                   | applied  | not-run | 1
unknown-owner                   | preflight! = failed                                                   | applied  | not-run | 1
no-room                         | preflight! = failed                                                   | failed   | not-run | 1
checks broken-before            | preflight baseline! = failed                                          | applied  | not-run | 1
backup-fails                    | preflight backup! = failed                                            | applied  | not-run | 1
checks backup-fails             | preflight baseline backup! = failed                                   | applied  | not-run | 1
apply-fails                     | preflight backup apply! restore reclosure = failed                    | applied  | not-run | 1
closure-fails                   | preflight backup apply closure! restore reclosure = failed            | applied  | not-run | 1
closure-hangs                   | preflight backup apply closure! restore reclosure = failed            | applied  | not-run | 1
no-shell                        | preflight backup apply closure! restore reclosure! = degraded         | degraded | not-run | 3
checks checks-fail-after        | preflight baseline backup apply closure checks! restore reclosure = failed | applied | not-run | 1
not-confirmed                   | preflight backup apply closure confirm! restore reclosure = failed    | applied  | not-run | 1
checks not-confirmed            | preflight baseline backup apply closure checks confirm! restore reclosure = failed | applied | not-run | 1

open-refused                    | = failed                                                              | applied  | not-run | 1
commit-refused                  | preflight backup apply closure restore reclosure = failed             | applied  | not-run | 1
closure-fails restore-fails     | preflight backup apply closure! restore! reclosure! = degraded        | applied  | not-run | 3
closure-fails backup-lost       | preflight backup apply closure! restore! reclosure! = degraded        | applied  | not-run | 3
closure-fails removal-fails     | preflight backup apply closure! restore! reclosure = degraded         | applied  | not-run | 3
closure-fails-always            | preflight backup apply closure! restore reclosure! = degraded         | applied  | not-run | 3
closure-hangs-always            | preflight backup apply closure! restore reclosure! = degraded         | applied  | not-run | 3
apply-fails closure-fails-on-old | preflight backup apply! restore reclosure! = degraded                | applied  | not-run | 3

cancel-in-preflight             | preflight = failed                                                    | failed   | not-run | 1
checks cancel-in-baseline       | preflight baseline! = failed                                          | failed   | not-run | 1
cancel-in-backup                | preflight backup = failed                                             | failed   | not-run | 1
cancel-in-apply                 | preflight backup apply restore reclosure = failed                     | failed   | not-run | 1
cancel-in-closure               | preflight backup apply closure! restore reclosure = failed            | failed   | not-run | 1
closure-hangs cancel-at-command | preflight backup apply closure! restore reclosure = failed            | failed   | not-run | 1
checks cancel-in-checks         | preflight baseline backup apply closure checks! restore reclosure = failed | failed | not-run | 1
not-confirmed cancel-in-confirm | preflight backup apply closure confirm! restore reclosure = failed    | failed   | not-run | 1
closure-fails cancel-in-restore | preflight backup apply closure! restore reclosure = failed            | failed   | not-run | 1
closure-fails cancel-in-reclosure | preflight backup apply closure! restore reclosure = failed          | failed   | not-run | 1
cancel-in-final-closure         | preflight backup apply closure = applied                              | applied  | failed  | 5

p1-disabled                     | = skipped                                                             | applied  | passed  | 0
only-p2                         | = skipped                                                             | applied  | not-run | 0
only-p1                         | preflight backup apply closure = applied                              | skipped  | not-run | 0
final-fails                     | preflight backup apply closure = applied                              | applied  | failed  | 5
final-hangs                     | preflight backup apply closure = applied                              | applied  | failed  | 5
no-final                        | preflight backup apply closure = applied                              | applied  | not-run | 0
closure-fails final-fails       | preflight backup apply closure! restore reclosure = failed            | applied  | not-run | 1

again                           | = unchanged                                                           | unchanged | passed | 0
again final-fails               | = unchanged                                                           | unchanged | failed | 5
again force                     | preflight backup apply closure = applied                              | applied  | passed  | 0
again higher                    | preflight backup apply closure = applied                              | applied  | passed  | 0
again higher closure-fails      | preflight backup apply closure! restore reclosure! = degraded         | applied  | not-run | 3
failed-before                   | preflight backup apply closure = applied                              | unchanged | passed | 0
failed-before closure-fails     | preflight backup apply closure! restore reclosure = failed            | unchanged | not-run | 1

rehearse                        | preflight backup apply closure restore reclosure = applied            | applied  | not-run | 0
rehearse checks                 | preflight baseline backup apply closure checks restore reclosure = applied | applied | not-run | 0
rehearse not-confirmed          | preflight backup apply closure restore reclosure = applied            | applied  | not-run | 0
rehearse closure-fails          | preflight backup apply closure! restore reclosure = failed            | applied  | not-run | 1
rehearse closure-fails-on-old   | preflight backup apply closure restore reclosure! = degraded          | applied  | not-run | 3
rehearse restore-fails          | preflight backup apply closure restore! reclosure = degraded          | applied  | not-run | 3
rehearse modify                 | preflight backup apply backup apply closure restore reclosure restore reclosure = applied | applied | not-run | 0
rehearse modify closure-fails   | preflight backup apply backup apply closure! restore reclosure restore reclosure = failed | applied | not-run | 1
rehearse modify closure-fails-on-old | preflight backup apply backup apply closure restore reclosure! restore reclosure! = degraded | applied | not-run | 3
rehearse modify restore-fails   | preflight backup apply backup apply closure restore! reclosure restore reclosure = failed | applied | not-run | 1
rehearse modify apply-fails     | preflight backup apply! restore reclosure = failed                    | applied  | not-run | 1
rehearse modify no-file         | preflight backup apply closure restore reclosure = applied            | applied  | not-run | 0
rehearse no-file                | preflight backup apply closure restore reclosure = applied            | applied  | not-run | 0
no-file closure-fails           | preflight backup apply closure! restore reclosure = failed            | applied  | not-run | 1
again rehearse                  | preflight backup apply closure restore reclosure = applied            | applied  | not-run | 0

revert                          | preflight backup apply closure = applied                              |          | not-run | 0
revert checks confirmed         | preflight backup apply closure = applied                              |          | not-run | 0
revert closure-fails-on-old     | preflight backup apply closure! restore reclosure = failed            |          | not-run | 1
revert apply-fails              | preflight backup apply! restore reclosure = failed                    |          | not-run | 1
revert cancel-in-apply          | preflight backup apply restore reclosure = failed                     |          | not-run | 1
`

test.each(readRows(table))("%s → %s", async (given = "", p1, p2, final, exit) => {
	const words = given.split(" ")
	const has = (word: string) => words.includes(word)
	const world: World = { has, isBefore: false }
	const bench = await createMemoryBench({})
	const module = await prepare(bench, world)
	const before = bench.tree()
	const applied = await run(bench, world, module)
	const { result, story, outcomes } = applied
	expect(result.state).toBe("finished")
	if (result.state !== "finished") return
	const { outcome, finalClosure } = result
	const told = { p1: story[0]?.slice("p1: ".length), p2: outcomes.p2 ?? "", final: finalClosure.outcome }
	expect({ ...told, exit: exitOf(outcome, finalClosure) }).toEqual({ p1, p2, final, exit: Number(exit) })
	if (p2 === "applied" && !has("rehearse")) expect(story[1]).toBe("p2: preflight backup apply closure = applied")
	expect(applied.events.map(({ seq }) => seq)).toEqual(applied.events.map((_, index) => index + 1))
	const asked = { kind: has("rehearse") ? "rehearse" : has("revert") ? "revert" : "apply", by: BY }
	expect(applied.events[0]).toMatchObject({
		type: "run-started",
		...asked,
		pools: has("revert") ? ["p1"] : ["p1", "p2"],
	})
	// A pool whose beginning is not on disk has none that could be told.
	const isUnopened = (pool: string) => pool === "p1" && has("open-refused")
	const started = applied.events.flatMap((event) => (event.type === "pool-started" ? [event.pool] : []))
	const begun = Object.entries(outcomes).filter(([, outcome]) => outcome !== "skipped" && outcome !== "unchanged")
	expect(started).toEqual(begun.map(([pool]) => pool).filter((pool) => !isUnopened(pool)))
	if (p2 === "failed" && given.includes("cancel")) expect(applied.reasons.p2?.message).toBe("the run was cancelled")
	expect(story.at(-1)).toBe(`final closure: ${final}`)
	for (const pool of ["p1", "p2"]) checkFiles(bench, has, pool, outcomes[pool], before)
	const [last] = await readHistory(bench.host, bench.options)
	const pools = Object.entries(outcomes).map(([pool, outcome]) => ({ pool, outcome }))
	expect(last).toMatchObject({ ...asked, state: "finished", outcome, finalClosure: { outcome: final }, pools })
	const reason = applied.reasons.p1
	if (p1?.includes(" closure! ") && !/no-shell|cancel-in/.test(given)) expect(reason?.command).toBe("p1-closure")
	if (has("closure-fails")) expect(reason?.exit).toBe(1)
	if (has("closure-hangs") && !has("cancel-at-command")) expect(reason?.timedOut).toBe(true)
	if (has("open-refused")) expect(reason?.phase).toBe("preflight")
	if (has("commit-refused")) expect(reason?.phase).toBe("closure")
	if (has("cancel-in-backup")) expect(reason).toEqual({ phase: "apply", message: "the run was cancelled" })
	if (outcomes.p1 === "degraded") expect(reason?.details?.length).toBeGreaterThan(0)
	// The modified files of `rehearse` do not go back either: that is the reason, and not only a detail of it.
	if (has("modify") && reason && !has("closure-fails") && !has("apply-fails"))
		expect(reason).toMatchObject({
			phase: has("restore-fails") ? "restore" : "reclosure",
			message: "the way back does not work on changed files",
		})
	const none = has("rehearse") ? "a rehearsal puts every pool back" : undefined
	const waiting = ["p1", "p2"].filter(
		(pool) => !/applied|unchanged/.test(outcomes[pool] ?? "") && !has(`${pool}-disabled`),
	)
	if (final === "not-run" && !has("revert"))
		expect(finalClosure.why).toBe(
			has("no-final") ? "the module has none" : (none ?? `not applied: ${waiting.join(", ")}`),
		)
	for (const event of applied.events)
		if (
			event.type === "phase-finished" ||
			(event.type === "pool-finished" && begun.some(([pool]) => pool === event.pool))
		)
			expect(event.durationMs).toSatisfy((ms) => ms >= 0 && ms < 60_000)
	const warnings = applied.events.flatMap((event) => (event.type === "warning" ? [event] : []))
	expect(warnings.map(({ pool, phase }) => ({ pool, phase }))).toEqual(
		has("modify") && has("no-file") ? [{ pool: "p1", phase: "backup" }] : [],
	)
	await checkTold(bench, last?.run ?? "", applied.events)
})
