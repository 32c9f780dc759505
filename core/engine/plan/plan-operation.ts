import type { PlannedOperation } from "../../schema/plan.ts"
import { MAX_DIFF_BYTES, readDiffText, unifiedDiff } from "../../schema/unified-diff.ts"
import type { Change, Destination, Wanted } from "../change.ts"
import { hashFile, hashOpen, readSmallFile, withFile } from "../disk/content.ts"
import { meaningOf } from "../disk/disk-error.ts"
import { lstatIn, openIn } from "../disk/held-folder.ts"
import type { Host } from "../host.ts"
import { inspect } from "../phases/inspect.ts"
import type { PathPolicy } from "../policy/path-policy.ts"
import { type EngineState, own } from "../state/state.ts"
import type { ExpectedFile, Foresight } from "./expected.ts"

/** What the operations of one plan are held against. */
export interface PlanView {
	host: Host
	stateFolder: string
	state: EngineState
	policy: PathPolicy
	/** Undefined in a rehearsal: there each pool finds the disk as it is. */
	foresight: Foresight | undefined
	/** A rehearsal that changes files first needs room for the changed ones. */
	modify: boolean
	/** Bytes of texts that may still be handed out (`before`). */
	textsLeft: number
	/** Folders that were found not to be append-only: asking costs a process. */
	soundFolders: Set<string>
}

export interface PlannedChange {
	planned: PlannedOperation
	destination: Destination
	isPlaced: boolean
	/** What would stand there afterwards. */
	after: ExpectedFile | undefined
	/** What only root can do of it. */
	needs: string[]
}

/** What a run would do to one destination. Only looks. */
export async function planOperation(view: PlanView, target: string, change: Change): Promise<PlannedChange> {
	const { destination, isPlaced, faults: found, needs } = await inspect(view.host, view.stateFolder, change, "ask")
	const forbidden = isPlaced ? view.policy.faultsOf(destination) : []
	const faults = [...found, ...forbidden, ...(await backupFaults(view.host, change))]
	const { path } = destination
	const earlier = view.foresight?.files.get(path)
	const standing = await findStanding(view.host, destination, faults.length > 0)
	const before = earlier ? earlier.file : standing
	const after = afterOf(view.host, change.wanted, before)
	const kind = faults.length > 0 ? "blocked" : changeOf(change, before, after)
	const texts = kind === "replace" || kind === "restore-original" ? await compare(view, path, before, after) : {}
	const sizeBefore = earlier ? earlier.file?.size : destination.sizeNow
	const planned: PlannedOperation = {
		target,
		destination: change.destination,
		change: kind,
		...(earlier ? { writtenBy: earlier.pool } : {}),
		...(sizeBefore === undefined ? {} : { sizeBefore }),
		sizeAfter: after?.size ?? 0,
		...(before ? { digestBefore: before.digest } : {}),
		...permissionsOf(before, after),
		...(destination.link === undefined ? {} : { linkTo: path }),
		makes: destination.makes.filter((folder) => !view.foresight?.folders.has(folder)),
		drift: driftOf(view.state, destination, standing?.digest),
		...texts,
		faults,
	}
	return { planned, destination, isPlaced, after, needs }
}

/** Contents of a module may come later; what was backed up must be here, and sound. */
async function backupFaults(host: Host, { destination, wanted }: Change): Promise<string[]> {
	if (wanted.kind !== "snapshot") return []
	try {
		const { digest } = await hashFile(host, wanted.from)
		return digest === wanted.snapshot.digest ? [] : [`the backup of ${destination} is damaged`]
	} catch (error) {
		return [`the backup of ${destination} cannot be read: ${meaningOf(error)}`]
	}
}

/** What is there now; where the destination is at fault, only if it can be read all the same. */
async function findStanding(
	host: Host,
	{ path, sizeNow }: Destination,
	isFaulty: boolean,
): Promise<ExpectedFile | undefined> {
	if (sizeNow === undefined) return undefined
	try {
		if (!(await lstatIn(host, path))) return undefined
		return await withFile(openIn(host, path), async (file) => {
			const { size, mode, uid, gid } = await file.stat()
			return { size, mode, uid, gid, digest: (await hashOpen(host, file)).digest, from: path }
		})
	} catch (error) {
		if (isFaulty) return undefined
		throw error
	}
}

/** An existing file keeps its owner and mode, unless they are asked for. */
function afterOf(host: Host, wanted: Wanted, before: ExpectedFile | undefined): ExpectedFile | undefined {
	if (wanted.kind === "absent") return undefined
	const { from } = wanted
	if (wanted.kind === "snapshot") {
		const { size, digest, mode, uid, gid } = wanted.snapshot
		return { size, digest, mode, uid, gid, from }
	}
	const { size, digest, ownership } = wanted
	const { uid, gid, mode } = before ?? { uid: host.self.uid, gid: host.self.gid, mode: wanted.mode }
	return { size, digest, from, uid, gid, mode, ...ownership }
}

function changeOf(
	{ isReturn }: Change,
	before: ExpectedFile | undefined,
	after: ExpectedFile | undefined,
): PlannedOperation["change"] {
	if (!before && !after) return "unchanged"
	if (!after) return "remove"
	const isSame = before?.digest === after.digest
	if (isSame && before.uid === after.uid && before.gid === after.gid && before.mode === after.mode) return "unchanged"
	if (isReturn) return "restore-original"
	if (!before) return "create"
	return isSame ? "mode-only" : "replace"
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

function permissionsOf(
	before: ExpectedFile | undefined,
	after: ExpectedFile | undefined,
): Pick<PlannedOperation, "permissions"> {
	if (!before || !after) return {}
	const print = ({ mode, uid, gid }: ExpectedFile) => `${mode.toString(8).padStart(4, "0")} ${uid}:${gid}`
	const permissions = { before: print(before), after: print(after) }
	return permissions.before === permissions.after ? {} : { permissions }
}

/** The difference where both texts are here; else the old text, for whoever has the new one. */
async function compare(
	view: PlanView,
	path: string,
	before: ExpectedFile | undefined,
	after: ExpectedFile | undefined,
): Promise<Pick<PlannedOperation, "diff" | "before">> {
	if (!before || !after || before.digest === after.digest) return {}
	if (before.size > MAX_DIFF_BYTES || after.size > MAX_DIFF_BYTES) return {}
	const old = await (before.from === path ? readStanding(view.host, path) : readText(view.host, before.from))
	if (old === undefined) return {}
	if (await view.host.disk.lstat(after.from)) {
		const fresh = await readText(view.host, after.from)
		return fresh === undefined ? {} : { diff: unifiedDiff(old, fresh, { before: path, after: path }) }
	}
	if (before.size > view.textsLeft) return {}
	view.textsLeft -= before.size
	return { before: old }
}

/** In its held folder: whoever exchanges that would have the text of another file shown. */
async function readStanding(host: Host, path: string): Promise<string | undefined> {
	return withFile(openIn(host, path), async (file) => {
		const { size } = await file.stat()
		if (size > MAX_DIFF_BYTES) return undefined
		const bytes = new Uint8Array(size)
		let done = 0
		for (let count = -1; count !== 0 && done < size; done += count) count = await file.read(bytes.subarray(done), done)
		return readDiffText(bytes.subarray(0, done))
	})
}

/** Undefined for what is not there (contents come later than a plan) and for what is no text. */
async function readText(host: Host, path: string): Promise<string | undefined> {
	const bytes = await readSmallFile(host, path, MAX_DIFF_BYTES)
	return bytes && readDiffText(bytes)
}
