import { randomUUID } from "node:crypto"
import { mkdir } from "node:fs/promises"
import { join } from "node:path"
import type { Appliance } from "../../schema/appliance.ts"
import type { DesktopRun } from "../../schema/desktop.ts"
import { FailureError } from "../../schema/failure.ts"
import type { Rollout, RolloutRequest, RolloutSummary, RolloutTarget } from "../../schema/rollout.ts"
import { goesOn, type StandingWord } from "../../schema/rollout-words.ts"
import { failureOf } from "../services/failure-of.ts"
import { readRunnableModule } from "../services/module-folder.ts"
import { isOwnerAlive } from "../services/owner.ts"
import type { Registry } from "../services/registry.ts"
import type { Runs } from "../services/runs-service.ts"
import type { StateBroadcast } from "../services/state-service.ts"
import type { SshConfig } from "../ssh/config/ssh-config.ts"
import { findFirstHops } from "../ssh/route.ts"
import { isEnded } from "../store/run-store.ts"
import type { Store } from "../store/store.ts"
import { changeOf } from "./change-of.ts"
import { clearFrozen, makeRolloutsFolder } from "./clear-frozen.ts"
import { type Drive, driveRollout } from "./drive.ts"
import { findNext } from "./find-next.ts"
import { freezeModule } from "./freeze-module.ts"
import { findUnderWay, type UnderWay } from "./hear-runs.ts"
import { step } from "./step.ts"
import type { RolloutsService } from "./types.ts"
import { createWaiting } from "./waiting.ts"
import { makeWaves } from "./waves.ts"

export type RolloutsDeps = {
	store: Store
	state: Pick<StateBroadcast, "listen">
	registry: Registry
	runs: Runs
	/** Null for none. */
	sshConfig: SshConfig | null
	dataFolder: string
	owner: string
	log: (line: string) => void
}

/** How soon what other programs do to rollouts is seen, milliseconds. */
const LOOK_MS = 1000
/** How soon a rollout is taken up that a program left, milliseconds. */
const TAKE_UP_MS = 5000
/** How long it is waited for that another program hears a word, milliseconds. */
const HEAR_MS = 5000

/** Rollouts: begun, driven by exactly one program at a time, and taken up by another one when that is gone. */
export function createRollouts(deps: RolloutsDeps): RolloutsService {
	const { store, registry, runs, owner, log } = deps
	const folder = makeRolloutsFolder(deps.dataFolder)
	const drives = new Map<string, Drive>()
	const waiting = createWaiting()
	const closing = new AbortController()
	const stopListening = deps.state.listen((change) => {
		if (change.type !== "run-changed") return
		for (const drive of drives.values()) drive.wake()
		if (isEnded(change.run)) hearLate(change.run)
	})
	let clearing = Promise.resolve()
	/** One after the other: an earlier one may not have seen what is over by now. */
	const clear = () => {
		clearing = clearing
			.then(() => clearFrozen(folder, store.rollouts))
			.catch((error) => log(`cannot clear away copies of modules: ${failureOf(error).code}`))
	}

	const get = (id: string): Rollout => {
		const rollout = drives.get(id)?.current() ?? store.rollouts.get(id)
		if (!rollout) throw new FailureError("not-found", { kind: "rollout", id })
		return rollout
	}
	const drive = (rollout: Rollout): Drive => {
		const { rollouts } = store
		const driven = driveRollout(rollout, { rollouts, registry, runs, owner, told: waiting.wake, log })
		drives.set(rollout.id, driven)
		void driven.done.then(() => {
			if (drives.get(rollout.id) === driven) drives.delete(rollout.id)
			waiting.wake()
			if (!closing.signal.aborted) clear()
		})
		return driven
	}
	const makeTargets = async (
		{ policy }: Pick<RolloutRequest, "policy">,
		appliances: Appliance[],
	): Promise<RolloutTarget[]> => {
		const waves = makeWaves(policy.waves, appliances.length)
		const jumps = await findFirstHops(appliances, deps.sshConfig)
		return appliances.map(({ id: applianceId, name }, index) => {
			const jump = jumps[index]
			return {
				applianceId,
				name,
				wave: waves[index] ?? 0,
				...(jump !== undefined && { jump }),
				...(registry.isAdHoc(applianceId) && { isAdHoc: true }),
				standing: { state: "waiting" },
				applied: [],
			}
		})
	}
	/** This program's drive of it; a new one where no living program has one. */
	const takeOver = (id: string): Drive | undefined => {
		const known = drives.get(id)
		if (known || closing.signal.aborted) return known
		const before = store.rollouts.owner(id)
		if (before !== owner && (isOwnerAlive(before) || !store.rollouts.claim(id, before, owner))) return undefined
		return drive(get(id))
	}
	/** A run that was given up has ended after all, and nobody drives its rollout any more: its runs carry the rollout's id. */
	const hearLate = ({ id, batch }: DesktopRun) => {
		if (drives.has(batch)) return
		const rollout = store.rollouts.get(batch)
		if (rollout?.targets.flatMap(findUnderWay).some(({ run }) => run === id)) takeOver(batch)
	}
	/** Whether something goes on, or has come to an end that it has not heard of. */
	const isLeft = (rollout: Rollout): boolean => {
		const hasEnded = (id: string) => {
			const run = runs.look(id)
			return typeof run === "string" || isEnded(run)
		}
		const isOpen = ({ isGivenUp, run }: UnderWay) => !isGivenUp || hasEnded(run)
		return (
			goesOn(rollout) ||
			rollout.targets.flatMap(findUnderWay).some(isOpen) ||
			findNext(rollout, Date.now()).wakeAt !== undefined ||
			store.rollouts.wishes(rollout.id).length > 0
		)
	}
	/** Whether it has something to do that its driver, which left in order, will not do. */
	const isLeftOver = (rollout: Rollout): boolean => {
		const { start, undo, wakeAt } = findNext(rollout, Date.now())
		const isDue = start.length + undo.length > 0 || wakeAt !== undefined
		return isDue || rollout.targets.flatMap(findUnderWay).some(({ isGivenUp }) => !isGivenUp)
	}
	/** A terminal was closed, or a program ended, while this one goes on. */
	const takeUp = () => {
		for (const summary of store.rollouts.list()) {
			const { id } = summary
			const driver = store.rollouts.owner(id)
			if (drives.has(id) || isAtRest(summary) || isOwnerAlive(driver)) continue
			// What is still to be heard of one that has ended is heard when it comes.
			if (driver === null && (summary.status.state === "finished" || summary.status.state === "undone")) continue
			const rollout = store.rollouts.get(id)
			if (rollout && (driver === null ? isLeftOver(rollout) : isLeft(rollout))) takeOver(id)
		}
	}
	let takingUp: ReturnType<typeof setInterval> | undefined
	const { list } = store.rollouts
	/** What `read` gives, at once and whenever it has changed. */
	async function* followed<T>(read: () => T, isSame: (a: T, b: T) => boolean, signal?: AbortSignal): AsyncGenerator<T> {
		const ending = AbortSignal.any([closing.signal, ...(signal ? [signal] : [])])
		let told: T | undefined
		while (!ending.aborted) {
			const now = read()
			if (told === undefined || !isSame(told, now)) yield now
			told = now
			await waiting.next(LOOK_MS, ending)
		}
	}
	const follow = (id: string, signal?: AbortSignal) =>
		followed(
			() => get(id),
			(a, b) => changeOf(a, b) === undefined,
			signal,
		)

	return {
		get,
		list,
		follow,
		followList: (signal) => followed(list, (a, b) => JSON.stringify(a) === JSON.stringify(b), signal),
		async *followChanges(id, signal) {
			let told: Rollout | undefined
			for await (const now of follow(id, signal)) {
				const change = told ? changeOf(told, now) : { type: "whole" as const, rollout: now }
				if (change) yield change
				told = now
			}
		},
		async preview(request) {
			const appliances = chooseTargets(registry, request)
			const read = await readRunnableModule(request.folder, request.pools)
			const targets = await makeTargets(request, appliances)
			return makeRollout("preview", request, targets, { folder: request.folder, ...read })
		},
		async start(request) {
			const appliances = chooseTargets(registry, request)
			const id = randomUUID()
			await mkdir(folder, { recursive: true, mode: 0o700 })
			const frozen = await freezeModule(request.folder, join(folder, id), request)
			const rollout = makeRollout(id, request, await makeTargets(request, appliances), frozen)
			store.rollouts.add(rollout, appliances, owner)
			drive(rollout)
			waiting.wake()
			return rollout
		},
		async ask(id, wish) {
			get(id)
			const row = store.rollouts.addWish(id, wish)
			const isHeard = () => !store.rollouts.isWaiting(row)
			const until = performance.now() + HEAR_MS
			while (!isHeard() && performance.now() < until && !closing.signal.aborted) {
				takeOver(id)?.wake()
				await waiting.next(100, closing.signal)
			}
			return isHeard()
		},
		resume() {
			clear()
			for (const summary of store.rollouts.list()) {
				const { id } = summary
				if (isAtRest(summary) && store.rollouts.wishes(id).length === 0) continue
				const rollout = store.rollouts.get(id)
				if (!rollout) log(`rollout ${id} cannot be read; it stays as it is`)
				else if (isLeft(rollout)) takeOver(id)
			}
			takingUp = setInterval(() => {
				try {
					takeUp()
				} catch (error) {
					log(`cannot look for rollouts that were left: ${failureOf(error).code}`)
				}
			}, TAKE_UP_MS).unref()
		},
		async close() {
			closing.abort()
			clearInterval(takingUp)
			stopListening()
			for (const driven of drives.values()) driven.stop()
			await Promise.all([...drives.values()].map(({ done }) => done))
			await clearing
		},
	}
}

/** Nothing goes on, and of nobody is it unknown how it ended: its thousands of rows need not be read. */
function isAtRest({ status, counts }: RolloutSummary): boolean {
	const isGoing = status.state === "running" || status.state === "undoing" || status.state === "gate"
	const open: StandingWord[] = [
		"running",
		"putting back",
		"connection lost",
		"not reached",
		"end unknown",
		"could not be put back",
	]
	return !isGoing && open.every((word) => !counts[word])
}

function chooseTargets(registry: Registry, { applianceIds }: RolloutRequest): Appliance[] {
	if (applianceIds.length === 0) throw new FailureError("bad-request", { reason: "name at least one appliance" })
	return [...new Set(applianceIds)].map((id) => registry.reach(id))
}

function makeRollout(
	id: string,
	{ pools, force, allowDowngrade, policy }: RolloutRequest,
	targets: RolloutTarget[],
	{ folder, manifest, module }: Awaited<ReturnType<typeof freezeModule>>,
): Rollout {
	const { name, digest } = manifest
	const rollout: Rollout = {
		id,
		module: { name, version: module.metadata.schema_version, digest, folder },
		...(pools && { pools }),
		force,
		allowDowngrade,
		createdAt: new Date().toISOString(),
		policy,
		status: { state: "running" },
		wave: 0,
		targets,
		borne: [],
	}
	return step(rollout, { type: "tick" }, Date.now())
}
