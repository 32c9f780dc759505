import { findNext } from "../../../../../core/fleet/rollout/find-next.ts"
import { type RolloutEvent, step } from "../../../../../core/fleet/rollout/step.ts"
import { makeWaves } from "../../../../../core/fleet/rollout/waves.ts"
import type { Budget, Gate, Rollout, RolloutPolicy } from "../../../../../core/schema/rollout.ts"
import { makeRollout } from "./rollouts.ts"

/** A promise that was not kept; says with which seed. */
export class Broken extends Error {}

const failure = { code: "connection-lost", data: { reason: "no answer", began: "no" } } as const

/** What really happens on an appliance; the machine hears of it only through events. */
interface Truth {
	/** Runs that really go on, by id. */
	active: Map<string, { applianceId: string; what?: string }>
	/** Those of them that nothing is heard of. */
	cut: Set<string>
	/** What really was applied and not undone, `pool@run` by appliance, the newest last. */
	applied: Map<string, string[]>
	/** Whether anything was ever undone. */
	isUndone: boolean
	/** Appliances whose failure or absence a person has accepted. */
	accepted: Set<string>
}

/** One random schedule from its seed, played until nothing is left to do; throws `Broken`. Returns the rollout's end. */
export function play(seed: number): Rollout {
	const random = makeRandom(seed)
	const one = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T
	const total = 1 + Math.floor(random() * 7)
	const policy = randomPolicy(one)
	let rollout = makeRollout(makeWaves(policy.waves, total), policy)
	rollout = {
		...rollout,
		targets: rollout.targets.map((target) => ({ ...target, ...(random() < 0.5 ? { jump: one(["j1", "j2"]) } : {}) })),
	}
	const truth: Truth = { active: new Map(), cut: new Set(), applied: new Map(), isUndone: false, accepted: new Set() }
	let at = 0
	let runs = 0
	let isHalted = false
	const must = (isKept: boolean, what: string) => {
		if (!isKept) throw new Broken(`seed ${seed}: ${what}: ${JSON.stringify(rollout)}`)
	}
	const take = (event: RolloutEvent) => {
		const before = rollout
		if (event.type === "go-on" && /paused|gate/.test(before.status.state)) accept(before, truth.accepted)
		rollout = step(rollout, event, at)
		checkWaves(before, rollout, must)
	}
	/** Writes to disk what is about to be done, then does it, unless the program dies in between. */
	const act = () => {
		const next = findNext(rollout, at)
		must(!isHalted || next.start.length === 0, "a halted rollout started something")
		if (next.start.length > 0) checkStart(rollout, next.start, truth, must)
		const started = next.start.map((applianceId) => ({ applianceId, run: `run-${++runs}` }))
		if (started.length > 0) {
			take({ type: "started", runs: started })
			for (const { applianceId, run } of started) {
				if (random() < 0.05) take({ type: "run-ended", run, end: { state: "not-asked" } })
				else truth.active.set(run, { applianceId })
			}
		}
		const undone = findNext(rollout, at).undo.map((one) => ({
			...one,
			what: `${one.pool}@${one.run}`,
			run: `undo-${++runs}`,
		}))
		for (const { applianceId, what } of undone) {
			must(
				truth.applied.get(applianceId)?.at(-1) === what,
				`${what} of ${applianceId} is undone, which is not the last`,
			)
			must(mayGoOnAt(rollout, applianceId, truth), `${applianceId} has two runs`)
		}
		if (undone.length === 0) return
		take({ type: "undo-started", runs: undone })
		for (const { applianceId, what, run } of undone) {
			// One that was given up goes on there: the appliance lets in one at a time.
			const isTaken = [...truth.active.values()].some((other) => other.applianceId === applianceId)
			if (random() < 0.05) take({ type: "undo-ended", run, end: { state: "not-asked" } })
			else if (isTaken) take({ type: "undo-ended", run, end: { state: "unreachable", failure } })
			else truth.active.set(run, { applianceId, what })
		}
	}
	const endOne = (isKind: boolean) => {
		const run = one([...truth.active.keys()])
		const what = run === undefined ? undefined : truth.active.get(run)
		if (run === undefined || !what) return
		truth.active.delete(run)
		truth.cut.delete(run)
		endRun(run, what, isKind ? 1 : random(), truth, take, one)
	}

	/** One is heard of, or the connection to one is lost, or found again. */
	const cutOne = () => {
		const run = one([...truth.active.keys()])
		if (run === undefined) return
		if (!truth.cut.has(run) && random() < 0.4) return take({ type: "found", run })
		const isCut = truth.cut.has(run)
		if (isCut) truth.cut.delete(run)
		else truth.cut.add(run)
		take(isCut ? { type: "found", run } : { type: "lost", run, failure })
	}

	for (let steps = 0; steps < 50; steps++) {
		const dice = random()
		if (dice < 0.37) act()
		else if (dice < 0.63) endOne(false)
		else if (dice < 0.72) cutOne()
		else if (dice < 0.82) {
			at += Math.floor(random() * 400_000)
			take({ type: "tick" })
		} else if (dice < 0.87) {
			// The program dies and another one reads what is on disk; what was told is told once more.
			rollout = JSON.parse(JSON.stringify(rollout))
			take({ type: "tick" })
		} else {
			const what = one(["pause", "go-on", "go-on", "halt", "retry", "undo", "skip", "stuck", "removed"] as const)
			if (what === "skip" || what === "removed") take({ type: what, applianceIds: [one(rollout.targets).applianceId] })
			else if (what === "stuck") take({ type: what, failure })
			else take({ type: what })
			isHalted = rollout.status.state === "halted"
		}
	}
	// Whoever wanted to stop it goes home, everything works, and somebody always says go on.
	for (let rounds = 0; rounds < 200 && !isOver(rollout, truth); rounds++) {
		at += 100_000
		take({ type: "tick" })
		if (rollout.status.state === "halted") take({ type: "retry" })
		if (!["running", "undoing"].includes(rollout.status.state)) take({ type: "go-on" })
		isHalted = false
		act()
		while (truth.active.size > 0) endOne(true)
	}
	must(isOver(rollout, truth), "it never ends")
	checkEnd(rollout, truth, must)
	return rollout
}

function isOver({ status }: Rollout, { active }: Truth): boolean {
	return active.size === 0 && (status.state === "finished" || status.state === "undone")
}

function endRun(
	run: string,
	{ applianceId, what }: { applianceId: string; what?: string },
	dice: number,
	truth: Truth,
	take: (event: RolloutEvent) => void,
	one: <T>(items: readonly T[]) => T,
): void {
	const stands = truth.applied.get(applianceId) ?? []
	if (what !== undefined) {
		if (dice < 0.15) take({ type: "undo-ended", run, end: { state: "failed", isDegraded: dice < 0.05, failure } })
		else if (dice < 0.3) take({ type: "undo-ended", run, end: { state: "unreachable", failure } })
		else {
			stands.pop()
			truth.isUndone = true
			take({ type: "undo-ended", run, end: { state: "undone" } })
		}
		return
	}
	if (dice < 0.2) {
		take({ type: "run-ended", run, end: { state: "unreachable", failure } })
		return
	}
	const outcome = dice < 0.4 ? "failed" : dice < 0.43 ? "degraded" : dice < 0.5 ? "unchanged" : "applied"
	const pools = outcome === "applied" ? ["p1", "p2"] : outcome === "failed" ? one([["p1"], []]) : []
	const applied = pools.map((pool) => ({ pool, run }))
	truth.applied.set(applianceId, [...stands, ...pools.map((pool) => `${pool}@${run}`)])
	truth.accepted.delete(applianceId)
	const end: RolloutEvent = { type: "run-ended", run, end: { state: "ended", outcome, applied } }
	take(end)
	// Told twice, as after a restart: nothing may come of it.
	if (dice < 0.6) take(end)
}

/** Going on accepts whoever has failed or is away by then. */
function accept({ targets }: Rollout, accepted: Set<string>): void {
	for (const { applianceId, standing } of targets) {
		const isAway = ["pending", "lost", "expired"].includes(standing.state)
		if (isAway || (standing.state === "ended" && /failed|degraded/.test(standing.outcome))) accepted.add(applianceId)
	}
}

type Must = (isKept: boolean, what: string) => void

/** Nothing goes on there, unless it was given up. */
function mayGoOnAt({ targets }: Rollout, id: string, { active }: Truth): boolean {
	const target = targets.find(({ applianceId }) => applianceId === id)
	const givenUp = target?.standing.state === "expired" ? target.standing.run : undefined
	return [...active].every(([run, { applianceId }]) => applianceId !== id || run === givenUp)
}

function checkStart(rollout: Rollout, start: string[], truth: Truth, must: Must): void {
	const { active, accepted, cut } = truth
	const { targets, policy, wave } = rollout
	for (const id of start) {
		must(![...active.values()].some(({ applianceId }) => applianceId === id), `${id} has two runs`)
		const target = targets.find(({ applianceId }) => applianceId === id)
		must(target?.standing.state === "waiting" || target?.standing.state === "pending", `${id} is started again`)
		must((target?.wave ?? 99) <= wave, `${id} is started before its wave`)
	}
	must(new Set(start).size === start.length, "an appliance is started twice")
	const heard = [...active].flatMap(([run, { applianceId }]) => (cut.has(run) ? [] : applianceId))
	const busy = [...new Set(heard), ...start]
	must(busy.length <= policy.atOnce, "too many at once")
	const jumpOf = (id: string) => targets.find(({ applianceId }) => applianceId === id)?.jump
	// Those that are found again are let be, however many they are then; nobody is added to them.
	for (const jump of new Set(start.map(jumpOf))) {
		const behind = busy.filter((id) => jumpOf(id) === jump)
		must(jump === undefined || behind.length <= policy.perJump, `too many behind ${jump}`)
	}
	const failed = targets.filter(
		({ applianceId, standing }) =>
			!accepted.has(applianceId) && standing.state === "ended" && /failed|degraded/.test(standing.outcome),
	)
	const isBelow = ({ count = 99, percent = 9900 }: Budget, failures: number, of: number) =>
		failures < count && failures < Math.max(1, Math.floor((of * percent) / 100))
	must(isBelow(policy.budget.whole, failed.length, targets.length), "the budget of the whole is used up")
	const ofWave = targets.filter((target) => target.wave === wave)
	const failedOfWave = failed.filter((target) => target.wave === wave)
	must(isBelow(policy.budget.wave, failedOfWave.length, ofWave.length), "the budget of the wave is used up")
}

/** The next wave begins only when nobody of the ones before is still to be done. */
function checkWaves(before: Rollout, after: Rollout, must: Must): void {
	if (after.wave === before.wave) return
	must(after.wave > before.wave, "a wave came back")
	const open = after.targets.filter(({ wave, standing }) => {
		// One that was away is not waited for, also while it is tried once more.
		const isStarted = standing.state === "started" && !standing.failure
		return wave < after.wave && (standing.state === "waiting" || isStarted)
	})
	must(open.length === 0, "a wave began before the one before it had ended")
}

function checkEnd({ status, targets }: Rollout, { applied, isUndone }: Truth, must: Must): void {
	for (const { applianceId, standing, applied: known } of targets) {
		const stands = applied.get(applianceId) ?? []
		const told = known.filter(({ undo }) => undo?.state !== "undone").map(({ pool, run }) => `${pool}@${run}`)
		must(JSON.stringify(told) === JSON.stringify(stands), `${applianceId}: ${stands} stand, ${told} are told`)
		if (status.state === "finished")
			must(/^(ended|expired|skipped)$/.test(standing.state), `${applianceId} is forgotten`)
		const isFailed = known.some(({ undo }) => undo?.state === "failed")
		if (status.state === "undone") must(stands.length === 0 || isFailed, `${applianceId} was not undone`)
	}
	if (status.state === "finished") must(!isUndone, "something was undone that nobody asked for")
}

function randomPolicy(one: <T>(items: readonly T[]) => T): RolloutPolicy {
	const budget = (): Budget => one([{}, { count: 1 }, { count: 2 }, { percent: 30 }, { count: 3, percent: 50 }])
	return {
		waves: one([[], [{ count: 1 }], [{ count: 1 }, { percent: 40 }], [{ percent: 10 }, { percent: 30 }]]),
		gate: one<Gate>([{ kind: "none" }, { kind: "person" }, { kind: "soak", seconds: 120 }]),
		atOnce: one([1, 2, 5]),
		perJump: one([1, 5]),
		budget: { wave: budget(), whole: budget() },
		unreachable: { budget: budget(), retrySeconds: 60, expireSeconds: one([120, 3600]) },
	}
}

/** mulberry32: the same numbers for the same seed. */
function makeRandom(seed: number): () => number {
	let state = seed
	return () => {
		state = (state + 0x6d2b79f5) | 0
		let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
	}
}
