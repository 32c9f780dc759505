import { FailureError } from "../schema/failure.ts"
import { withFile } from "./disk/content.ts"
import { codeOf } from "./disk/disk-error.ts"
import type { EngineOptions } from "./engine.ts"
import type { Host } from "./host.ts"
import { makeLayout } from "./layout.ts"

/** Asks a run, from any process, to stop at its next safe point. Fails with `unknown-run`. */
export async function cancelRun(host: Host, options: EngineOptions, run: string): Promise<void> {
	await makeSign(host, run, makeLayout(options.stateFolder).run(run).cancel)
}

/**
 * Confirms, from any process, a pool that waits in phase `confirm`; again does no harm. When this resolves, the pool is not
 * put back for want of it. Fails with `not-waiting` before and after the wait, and with `unknown-run`.
 */
export async function confirmPool(host: Host, options: EngineOptions, run: string, pool: string): Promise<void> {
	if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(pool))
		throw new FailureError("unknown-pool", { pool: pool.slice(0, 100) })
	const { journal, waiting, confirm } = makeLayout(options.stateFolder).run(run)
	try {
		await host.disk.rename(waiting(pool), confirm(pool))
	} catch (error) {
		if (codeOf(error) !== "ENOENT") throw error
		if (await host.disk.lstat(confirm(pool))) return
		if (await host.disk.lstat(journal)) throw new FailureError("not-waiting", { run, pool })
		throw new FailureError("unknown-run", { run })
	}
}

async function makeSign(host: Host, run: string, path: string): Promise<void> {
	try {
		await withFile(host.disk.open(path, "append", 0o600), async () => {})
	} catch (error) {
		if (codeOf(error) === "ENOENT") throw new FailureError("unknown-run", { run })
		throw error
	}
}
