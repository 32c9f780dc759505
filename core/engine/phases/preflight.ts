import type { Reason } from "../../schema/outcome.ts"
import type { Destination, Wanted } from "../change.ts"
import { meaningOf } from "../disk/disk-error.ts"
import { createReserve } from "../disk/reserve.ts"
import { hashSeen, isSeen } from "../disk/seen-file.ts"
import { sideBySide } from "../disk/side-by-side.ts"
import type { Host } from "../host.ts"
import { policyFaults, readPathPolicy } from "../policy/path-policy.ts"
import { inPhase } from "../pool/in-phase.ts"
import type { PoolWork } from "../pool/pool-work.ts"
import { faultsReason } from "../pool/reason.ts"
import { appendOnlyFaults } from "./append-only.ts"
import { carrierFaults } from "./carrier-faults.ts"
import { exposedWarnings } from "./exposed-folders.ts"
import { inspect, sameFileFaults } from "./inspect.ts"
import { findReserve, findSpace, spaceFaults } from "./space.ts"

/** Phase 1: everything that can be known to fail, all at once. Touches nothing; room for the way back is kept. */
export function preflight(work: PoolWork): Promise<Reason | undefined> {
	const { host, options, layout } = work.scope
	return inPhase(work.scope, work.pool, "preflight", async () => {
		const inspections = await sideBySide(work.changes, (change) => inspect(host, options.stateFolder, change, "open"))
		const checked = await sideBySide(inspections, ({ destination }) => checkSource(host, destination))
		work.destinations = checked.filter((_, index) => inspections[index]?.isPlaced).map(({ destination }) => destination)
		for (const message of work.warnings ?? [])
			work.scope.emit({ type: "warning", pool: work.pool, phase: "preflight", message })
		await warnOfAttributes(work)
		await warnOfExposed(work)
		const policy = await readPathPolicy(host)
		const reason = faultsReason("preflight", [
			...work.faults,
			...inspections.flatMap(({ faults }) => faults),
			...policyFaults(policy, work.destinations),
			...work.destinations.flatMap(policy.faultsOf),
			...checked.flatMap(({ fault }) => (fault === undefined ? [] : [fault])),
			...(await carrierFaults(work)),
			...sameFileFaults(work.destinations),
			...(await appendOnlyFaults(host, work.destinations)),
			...spaceFaults(await findSpace(host, layout, work.destinations, work.modify)),
		])
		// Before the checks, which can fill the disk as well.
		if (!reason) await keepReserve(work)
		return reason
	})
}

async function keepReserve({ scope, destinations }: PoolWork): Promise<void> {
	const { host, layout, run } = scope
	await createReserve(host, layout.run(run).folder).keep(await findReserve(host, layout, destinations))
}

/**
 * The content must be the one that was published, or backed up (DESIGN invariant 8). What was hashed a moment ago and was
 * not touched since is not hashed again, neither here nor when it is copied.
 */
async function checkSource(
	host: Host,
	destination: Destination,
): Promise<{ destination: Destination; fault?: string }> {
	const { wanted } = destination
	if (wanted.kind === "absent") return { destination }
	const fault = (what: string) => ({ destination, fault: `the content for ${destination.destination} ${what}` })
	try {
		const stat = await host.disk.lstat(wanted.from)
		if (!stat) return fault("is not there")
		const found = isSeen(wanted.seen, stat) ? undefined : await hashSeen(host, wanted.from)
		if (found && found.digest !== digestOf(wanted)) return fault("does not have the digest it should have")
		// Room is reckoned by the size, of which no digest of the module tells.
		if (wanted.kind === "content" && (found ?? stat).size !== wanted.size)
			return fault("does not have the size it should have")
		if (!found) return { destination }
		const { seen } = found
		const { seen: _, ...unseen } = wanted
		return { destination: { ...destination, wanted: seen ? { ...unseen, seen } : unseen } }
	} catch (error) {
		return fault(`cannot be read: ${meaningOf(error)}`)
	}
}

function digestOf(wanted: Exclude<Wanted, { kind: "absent" }>): string {
	return wanted.kind === "content" ? wanted.digest : wanted.snapshot.digest
}

/** Said beforehand, because nobody could say afterwards what was lost. */
async function warnOfAttributes({ scope, pool, destinations }: PoolWork): Promise<void> {
	const missing = await scope.host.attributes.missing()
	if (!missing || destinations.every(({ sizeNow }) => sizeNow === undefined)) return
	const message = `extended attributes and ACLs of replaced files cannot be kept here: ${missing}`
	scope.emit({ type: "warning", pool, phase: "preflight", message })
}

async function warnOfExposed({ scope, pool, destinations }: PoolWork): Promise<void> {
	for (const message of await exposedWarnings(scope.host, destinations)) {
		scope.emit({ type: "warning", pool, phase: "preflight", message })
	}
}
