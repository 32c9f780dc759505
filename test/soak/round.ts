import { type HistoryRun, historyRunSchema } from "../../core/schema/history.ts"
import { exitOf, type PoolOutcome } from "../../core/schema/outcome.ts"
import type { Ended } from "../support/killed-process.ts"
import { compareTrees } from "../support/tree.ts"
import type { Appliance } from "./appliance.ts"
import { argumentsOf, chooseAction, flagsOf, nameOf } from "./choose-action.ts"
import type { Clock } from "./clock.ts"
import type { Model } from "./model.ts"
import { FINAL_CLOSURE_FLAG, type PoolId } from "./modules.ts"
import type { Random } from "./random.ts"
import { NOTHING_OPEN, placeOf, type Tally } from "./tally.ts"
import { expectSame, Violation } from "./violation.ts"

export interface Soak {
	appliance: Appliance
	model: Model
	random: Random
	clock: Clock
	tally: Tally
	/** What is being done, for whoever has to look at a violation. */
	said: string[]
}

/** Recoveries of one round that may be killed, before one is left alone. */
const MOST_KILLED_RECOVERIES = 4

/** So often the history is read by the runner itself; else in this process, which is quicker. */
const BY_THE_RUNNER = 0.2

/** One call of the runner that is killed somewhere, recoveries that are killed too, one that is not; then all is compared. */
export async function runRound(soak: Soak): Promise<void> {
	const { appliance, model, random, said } = soak
	const before = appliance.look()
	const installed = await readInstalled(appliance)
	const action = chooseAction(random, model, installed, before)
	const finalFails = random.chance(0.1)
	appliance.raise([...flagsOf(action), ...(finalFails ? [FINAL_CLOSURE_FLAG] : [])])
	const known = new Set(appliance.runs())
	const args = argumentsOf(action, appliance.moduleFolder)
	said.push(`${args.join(" ")} (flags: ${flagsOf(action).join(" ")}${finalFails ? " final" : ""})`)
	soak.tally.addRound(nameOf(action, installed))

	const began = await callKilled(soak, nameOf(action, installed), args)
	const run = appliance.runs().find((one) => !known.has(one))
	if (began.killed) soak.tally.addKill("run", placeOf(run ? appliance.journal(run) : []))
	for (let turn = 0; turn < MOST_KILLED_RECOVERIES && random.chance(0.4); turn++) await killRecovery(soak, run)
	const wasOpen = run !== undefined && isOpen(soak, run)
	const recovered = await appliance.run(["recover", "--events", "-"])
	if (wasOpen) soak.clock.learn("recovery", recovered)

	const history = await readNewest(soak, run)
	checkExits(began, recovered, wasOpen ? history : undefined, history)
	const outcomes = new Map(history?.pools.map(({ pool, outcome }) => [pool as PoolId, outcome]))
	checkOutcomes(model.outcomesOf(action, installed), outcomes, began)
	const applied = [...outcomes].filter(([, outcome]) => outcome === "applied").map(([pool]) => pool)
	const differences = compareTrees(model.treeAfter(action, applied, before), appliance.look())
	if (differences.length > 0) throw new Violation([`outcomes: ${JSON.stringify([...outcomes])}`, ...differences])
	const { running, interrupted, modules } = await appliance.status()
	const pools = modules.flatMap((module) => module.pools.map(({ pool }) => pool))
	model.learn(action, outcomes, before, pools)
	expectSame("who holds the lock", undefined, running?.run)
	expectSame("what waits for recovery", [], interrupted)
}

async function callKilled({ appliance, clock, random, said }: Soak, kind: string, args: string[]): Promise<Ended> {
	const ended = await appliance.run([...args, "--events", "-"], clock.moment(kind, random))
	clock.learn(kind, ended)
	said.push(ended.killed ? `  killed after ${Math.round(ended.ms)} ms` : `  exit ${ended.exit}`)
	return ended
}

async function killRecovery(soak: Soak, run: string | undefined): Promise<void> {
	const hasWork = run !== undefined && isOpen(soak, run)
	const before = run ? soak.appliance.journal(run) : []
	const { killed } = await callKilled(soak, hasWork ? "recovery" : NOTHING_OPEN, ["recover"])
	if (!killed) return
	const after = run ? soak.appliance.journal(run) : []
	if (!hasWork) soak.tally.addKill("recovery", NOTHING_OPEN)
	else soak.tally.addKill("recovery", after.length > before.length ? placeOf(after) : "begun")
}

function isOpen({ appliance }: Soak, run: string): boolean {
	const records = appliance.journal(run)
	return records[0]?.type === "run-open" && records.every(({ type }) => type !== "run-closed")
}

async function readInstalled(appliance: Appliance): Promise<number | undefined> {
	const version = (await appliance.status()).modules[0]?.version
	return version === undefined ? undefined : Number(version.split(".")[2])
}

/** The round's own run as the runner's history tells it; undefined when it never began. */
async function readNewest({ appliance, random }: Soak, run: string | undefined): Promise<HistoryRun | undefined> {
	const newest = random.chance(BY_THE_RUNNER) ? await askRunner(appliance) : await appliance.newestRun()
	const isBegun = run !== undefined && appliance.journal(run)[0]?.type === "run-open"
	if (!isBegun) return undefined
	expectSame("the newest run of the history", run, newest?.run)
	expectSame("its state", "finished", newest?.state)
	return newest
}

async function askRunner(appliance: Appliance): Promise<HistoryRun | undefined> {
	const { exit, stdout, stderr } = await appliance.run(["history", "--limit", "1", "--json"])
	if (exit !== 0) throw new Violation([`history: exit ${exit}`, stderr])
	return stdout.map((line) => historyRunSchema.parse(JSON.parse(line)))[0]
}

/** Exit codes say what the history says. */
function checkExits(began: Ended, recovered: Ended, recoveredRun?: HistoryRun, run?: HistoryRun): void {
	const exitOfRun = ({ outcome = "skipped", finalClosure = { outcome: "not-run" } }: HistoryRun) =>
		exitOf(outcome, finalClosure)
	for (const { stderr } of [began, recovered]) if (stderr !== "") throw new Violation([`stderr: ${stderr}`])
	if (!began.killed) expectSame("the exit code of the run", run ? exitOfRun(run) : undefined, began.exit)
	expectSame("the exit code of recover", recoveredRun ? exitOfRun(recoveredRun) : 0, recovered.exit)
	if (recoveredRun) expectSame("whether the run was interrupted", true, recoveredRun.interrupted)
}

/** A run that was left alone does what it was asked to; one that was killed does it, or fails. Nothing is degraded. */
function checkOutcomes(
	expected: Map<PoolId, PoolOutcome>,
	outcomes: Map<PoolId, PoolOutcome>,
	{ killed }: Ended,
): void {
	for (const [pool, outcome] of outcomes) {
		const allowed = [expected.get(pool), ...(killed ? ["failed"] : [])]
		if (!allowed.includes(outcome)) throw new Violation([`pool ${pool} is ${outcome}, not ${allowed.join(" or ")}`])
	}
	if (!killed) expectSame("the pools of the run", [...expected.keys()].sort(), [...outcomes.keys()].sort())
}
