import { randomUUID } from "node:crypto"
import type { Appliance } from "../../schema/appliance.ts"
import type { Failure } from "../../schema/failure.ts"
import type { Rollout } from "../../schema/rollout.ts"
import { asMet } from "../services/as-met.ts"
import { failureOf } from "../services/failure-of.ts"
import { readRunnableModule } from "../services/module-folder.ts"
import { isBusy } from "./budget.ts"
import type { DriveDeps } from "./drive.ts"
import { findNext } from "./find-next.ts"
import type { RolloutEvent } from "./step.ts"

/** Begins the runs and undoings that are next; `take` writes a step to disk, or throws. */
export function createBeginning(deps: DriveDeps, begun: Rollout, take: (event: RolloutEvent) => void) {
	const { rollouts, registry, runs, log } = deps
	const { id: batch, module, pools, force, allowDowngrade } = begun
	const named = rollouts.appliances(batch)
	const adHoc = new Set(begun.targets.flatMap(({ applianceId, isAdHoc }) => (isAdHoc ? applianceId : [])))
	let read: ReturnType<typeof readRunnableModule> | undefined

	/**
	 * How an appliance is reached; undefined for one that is not in the fleet any more. Where the rollout met it, or was
	 * shown to go, it stays, whatever address the fleet has by now: that may be another machine. How to sign in may change.
	 */
	const reach = (id: string): Appliance | undefined => {
		const begun = named.get(id)
		if (adHoc.has(id)) return begun
		const now = registry.get(id)
		if (!begun || !now) return undefined
		return asMet(now, begun)
	}
	/** The frozen module, read once: nobody edits it. */
	const readFrozen = async () => {
		read ??= readRunnableModule(module.folder, pools)
		const frozen = await read
		if (frozen.manifest.digest === module.digest) return frozen
		throw new Error(`the copy of the module in ${module.folder} is not the one that the rollout began with`)
	}
	const startRuns = (frozen: Awaited<ReturnType<typeof readRunnableModule>>, applianceIds: string[]) => {
		const found = applianceIds.flatMap((applianceId) => {
			const appliance = reach(applianceId)
			return appliance ? [{ applianceId, appliance, run: randomUUID() }] : []
		})
		if (found.length === 0) return
		take({ type: "started", runs: found.map(({ applianceId, run }) => ({ applianceId, run })) })
		const request = { folder: module.folder, pools, force, allowDowngrade }
		for (const { appliance, run: id } of found) runs.begin({ id, batch, appliance, read: frozen, request })
	}
	const startUndos = (undo: ReturnType<typeof findNext>["undo"]) => {
		const begun = undo.map((one) => ({ ...one, id: randomUUID() }))
		take({ type: "undo-started", runs: begun.map(({ applianceId, pool, id: run }) => ({ applianceId, pool, run })) })
		for (const { applianceId, pool, run, id } of begun) {
			// One that was removed from the fleet since is put back where it was reached then.
			const appliance = reach(applianceId) ?? named.get(applianceId)
			if (appliance) runs.beginRevert({ id, batch, appliance, request: { pool, run } })
			else take({ type: "undo-ended", run: id, end: { state: "failed", failure: notFound(applianceId) } })
		}
	}

	return {
		reach,
		/** Nothing is begun that is not written down; fails where a step cannot be written. */
		async next(current: () => Rollout, isStopped: () => boolean): Promise<void> {
			const find = () => findNext(current(), Date.now())
			let due = find()
			const gone = due.start.filter((id) => !reach(id))
			if (gone.length > 0) {
				take({ type: "removed", applianceIds: gone })
				due = find()
			}
			if (due.start.length > 0) {
				const isRead = read !== undefined
				const frozen = await readFrozen().catch((error) => failureOf(error))
				// It takes a while: a word to stop that came meanwhile is heard first, and so is how runs have ended.
				if (isStopped() || rollouts.wishes(batch).length > 0) return
				if (!isRead && current().targets.some(isBusy)) return
				if ("code" in frozen) {
					// No appliance's fault: a person sees to it. The module is read anew then.
					read = undefined
					log(`cannot read the module of rollout ${batch}: ${JSON.stringify(frozen)}`)
					take({ type: "stuck", failure: frozen })
				} else startRuns(frozen, find().start)
				return
			}
			// A rollout that begins runs puts nothing back.
			if (due.undo.length > 0 && !isStopped()) startUndos(due.undo)
		},
	}
}

function notFound(id: string): Failure {
	return { code: "not-found", data: { kind: "appliance", id } }
}
