import type { PlannedOperation } from "../../schema/plan.ts"
import type { Change, Destination, Wanted } from "../change.ts"
import { hashFile, readSmallFile } from "../disk/content.ts"
import type { FileStat, Host } from "../host.ts"
import { inspect } from "../phases/inspect.ts"
import { type EngineState, own } from "../state/state.ts"
import { unifiedDiff } from "./unified-diff.ts"

/** Larger texts are not shown line by line. */
const MAX_DIFF_BYTES = 1 << 20

export interface PlannedChange {
	planned: PlannedOperation
	destination: Destination
}

/** What a run would do to one destination. Only looks. */
export async function planOperation(
	host: Host,
	stateFolder: string,
	state: EngineState,
	target: string,
	change: Change,
): Promise<PlannedChange> {
	const { destination, faults } = await inspect(host, stateFolder, change)
	const stat = faults.length === 0 ? await host.disk.lstat(destination.path) : undefined
	const digest = stat ? (await hashFile(host, destination.path)).digest : undefined
	const { wanted } = change
	const diff = stat && wanted.kind === "content" ? await makeDiff(host, destination, wanted, stat, digest) : undefined
	const planned: PlannedOperation = {
		target,
		destination: change.destination,
		change: faults.length > 0 ? "blocked" : changeOf(wanted, stat, digest),
		...(destination.sizeNow === undefined ? {} : { sizeBefore: destination.sizeNow }),
		sizeAfter: wanted.kind === "content" ? wanted.size : 0,
		...(destination.link === undefined ? {} : { linkTo: destination.path }),
		makes: destination.makes,
		drift: driftOf(state, destination, digest),
		...(diff ? { diff } : {}),
		faults,
	}
	return { planned, destination }
}

function changeOf(wanted: Wanted, stat: FileStat | undefined, digest: string | undefined): PlannedOperation["change"] {
	if (!stat) return "create"
	if (wanted.kind !== "content" || wanted.digest !== digest) return "replace"
	const { uid = stat.uid, gid = stat.gid, mode = stat.mode } = wanted.ownership
	return uid === stat.uid && gid === stat.gid && mode === stat.mode ? "unchanged" : "mode-only"
}

function driftOf(
	state: EngineState,
	{ path, sizeNow }: Destination,
	digest: string | undefined,
): PlannedOperation["drift"] {
	const written = own(state.files, path)
	if (sizeNow === undefined) return "missing"
	if (!written) return "never-ours"
	return written.digest === digest ? "ours" : "changed"
}

async function makeDiff(
	host: Host,
	destination: Destination,
	wanted: Extract<Wanted, { kind: "content" }>,
	stat: FileStat,
	digest: string | undefined,
): Promise<string | undefined> {
	if (digest === wanted.digest || stat.size > MAX_DIFF_BYTES || wanted.size > MAX_DIFF_BYTES) return undefined
	const [before, after] = await Promise.all([readText(host, destination.path), readText(host, wanted.from)])
	if (before === undefined || after === undefined) return undefined
	return unifiedDiff(before, after, { before: destination.path, after: destination.path })
}

/** Undefined for what is not there (contents come later than a plan) and for what is no text. */
async function readText(host: Host, path: string): Promise<string | undefined> {
	const bytes = await readSmallFile(host, path, MAX_DIFF_BYTES)
	if (!bytes || bytes.includes(0)) return undefined
	const text = new TextDecoder().decode(bytes)
	return text.includes("\ufffd") ? undefined : text
}
