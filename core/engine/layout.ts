import { FailureError } from "../schema/failure.ts"

/** A run's id is a folder's name in the state folder, hence the narrow alphabet. */
export const runIdPattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/

export type Layout = ReturnType<typeof makeLayout>
export type RunLayout = ReturnType<typeof makeRunLayout>

/** Where everything lies below the state folder; described in `docs/state-folder.md`. */
export function makeLayout(stateFolder: string) {
	const root = stateFolder.replace(/\/+$/, "") || "/"
	return {
		root,
		runs: `${root}/runs`,
		run: (run: string) => makeRunLayout(root, run),
		/** Contents that a desktop supplied, by digest. */
		sources: `${root}/sources`,
		source: (digest: string) => `${root}/sources/${digest}`,
		/** Runner programs by digest; laid down by whoever uploads them. */
		runners: `${root}/runners`,
		/** Node programs by version, architecture and digest, where the appliance has none; likewise. */
		runtimes: `${root}/runtimes`,
		backups: `${root}/backups`,
		/** Contents of backed up files, by digest. */
		blobs: `${root}/backups/blobs`,
		blob: (digest: string) => `${root}/backups/blobs/${digest}`,
		pools: `${root}/backups/pools`,
		pool: (pool: string) => `${root}/backups/pools/${pool}`,
		/** One pool's backup in one run: manifest and attribute carriers. */
		backup: (pool: string, run: string) => `${root}/backups/pools/${pool}/${run}`,
		/** A rehearsal's second backup, of the files it changed itself. */
		changedBackup: (pool: string, run: string) => `${root}/backups/pools/${pool}/${run}/changed`,
		originals: `${root}/backups/originals`,
		receipts: `${root}/receipts`,
		state: `${root}/state.json`,
		checkpoint: `${root}/checkpoint.json`,
		lock: `${root}/lock`,
	}
}

function makeRunLayout(root: string, run: string) {
	if (!runIdPattern.test(run)) throw new FailureError("unknown-run", { run: run.slice(0, 100) })
	const folder = `${root}/runs/${run}`
	return {
		folder,
		journal: `${folder}/journal.jsonl`,
		events: `${folder}/events.jsonl`,
		record: `${folder}/record.json`,
		/** What the run left, for a person at the appliance. */
		receipt: `${root}/receipts/${run}.txt`,
		/** Made by whoever wants the run to stop at its next safe point. */
		cancel: `${folder}/cancel`,
		/** There while a pool waits in phase `confirm`. */
		waiting: (pool: string) => `${folder}/waiting-${pool}`,
		/** What `waiting` becomes when somebody confirms the pool. */
		confirm: (pool: string) => `${folder}/confirm-${pool}`,
	}
}
