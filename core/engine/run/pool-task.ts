import { normalTarget } from "../../schema/manifest.ts"
import type { Operation, Pool } from "../../schema/module.ts"
import type { Change, Ownership } from "../change.ts"
import type { ModuleOnHost } from "../engine.ts"
import type { Host } from "../host.ts"
import type { PoolTask } from "../pool/pool-work.ts"

/** A module's pool as a task: sources looked up, names of owners resolved. What is wrong with them are its faults. */
export async function makePoolTask(
	host: Host,
	module: ModuleOnHost,
	pool: Pool,
	timeoutSeconds: number | undefined,
): Promise<PoolTask> {
	const faults: string[] = []
	const changes: Change[] = []
	for (const operation of pool.operations) {
		const { ownership, faults: unknown } = await resolveOwnership(host, operation)
		faults.push(...unknown)
		const target = normalTarget(operation.target)
		const source = module.manifest.sources.find((candidate) => candidate.target === target)
		if (!source) {
			faults.push(`${operation.destination}: the module has no source ${target}`)
			continue
		}
		const { digest, size, mode } = source
		const seen = module.seenAs?.(target)
		const wanted = { kind: "content", from: module.pathOf(target), digest, size, mode, ownership } as const
		changes.push({ destination: operation.destination, wanted: seen ? { ...wanted, seen } : wanted })
	}
	const { id, checks, closure, confirmSeconds, redact } = pool
	const confirm = confirmSeconds === undefined ? {} : { confirmSeconds }
	const limit = timeoutSeconds ?? pool.timeoutSeconds
	return { pool: id, changes, unmakes: [], checks, closure, timeoutSeconds: limit, redact, ...confirm, faults }
}

async function resolveOwnership(
	host: Host,
	{ permissions = {}, destination }: Operation,
): Promise<{ ownership: Ownership; faults: string[] }> {
	const { owner, group, mode } = permissions
	const faults: string[] = []
	const ownership: Ownership = {}
	if (mode !== undefined) ownership.mode = Number.parseInt(mode, 8)
	if (owner !== undefined) {
		const uid = await host.userId(owner)
		if (uid === undefined) faults.push(`${destination}: there is no user ${owner} here`)
		else if (uid !== host.self.uid && host.self.uid !== 0)
			faults.push(`${destination}: only root can give it to ${owner}`)
		else ownership.uid = uid
	}
	if (group !== undefined) {
		const gid = await host.groupId(group)
		if (gid === undefined) faults.push(`${destination}: there is no group ${group} here`)
		else ownership.gid = gid
	}
	return { ownership, faults }
}
