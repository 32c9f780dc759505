import { normalTarget } from "../../schema/manifest.ts"
import type { Operation, Pool } from "../../schema/module.ts"
import type { Change, Ownership } from "../change.ts"
import type { ModuleOnHost } from "../engine.ts"
import type { Host } from "../host.ts"
import { canOwn } from "../phases/rights.ts"
import type { PoolTask } from "../pool/pool-work.ts"

/** A module's pool as a task: sources looked up, names of owners resolved. What is wrong with them are its faults. */
export async function makePoolTask(
	host: Host,
	module: ModuleOnHost,
	pool: Pool,
	timeoutSeconds: number | undefined,
): Promise<PoolTask> {
	const faults: string[] = []
	const needs: string[] = []
	const changes: Change[] = []
	for (const operation of pool.operations) {
		const { ownership, unknown, forbidden } = await resolveOwnership(host, operation)
		faults.push(...unknown, ...forbidden)
		needs.push(...forbidden)
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
	return { pool: id, changes, unmakes: [], checks, closure, timeoutSeconds: limit, redact, ...confirm, faults, needs }
}

interface Resolved {
	ownership: Ownership
	/** Names that nobody has here. */
	unknown: string[]
	/** What only root can give. */
	forbidden: string[]
}

async function resolveOwnership(host: Host, { permissions = {}, destination }: Operation): Promise<Resolved> {
	const { owner, group, mode } = permissions
	const ownership: Ownership = mode === undefined ? {} : { mode: Number.parseInt(mode, 8) }
	const resolved: Resolved = { ownership, unknown: [], forbidden: [] }
	const resolve = async (key: "uid" | "gid", kind: string, name: string, idOf: Host["userId"]) => {
		const id = await idOf(name)
		if (id === undefined) resolved.unknown.push(`${destination}: there is no ${kind} ${name} here`)
		else if (canOwn(host, { [key]: id })) ownership[key] = id
		else resolved.forbidden.push(`${destination}: only root can give it to ${kind} ${name}`)
	}
	if (owner !== undefined) await resolve("uid", "user", owner, host.userId)
	if (group !== undefined) await resolve("gid", "group", group, host.groupId)
	return resolved
}
