import { DEFAULT_TIMEOUT_SECONDS } from "../module.ts"
import { quoted } from "../plain-text.ts"
import type { Note, Tell } from "./conversion.ts"
import { convertChecks } from "./convert-checks.ts"
import { rollsBack } from "./convert-settings.ts"
import type { OperationsIndex } from "./legacy-index.ts"
import { makePiece, type Piece, type SourceList } from "./operation-piece.ts"
import { plainWord } from "./plain-word.ts"
import { type Converted, createIds, type PoolDraft } from "./pool-draft.ts"

/**
 * Operations into pools. Where one failure put all of them back, those that were enabled share one closure and become one
 * pool; else, and where disabled, each is a pool of its own: only a pool can be switched off.
 */
export function convertOperations(index: OperationsIndex, sources: SourceList, tell: Tell): Converted {
	const isJoint = rollsBack(index)
	const { checks, proofs } = convertChecks(index.validation ?? noChecks, !isJoint, tell)
	const seconds = checks.length + proofs.length > 0 ? (index.config?.validation_timeout ?? 0) : 0
	const shared = { checks, proofs: isJoint ? proofs : [], seconds }
	const makeId = createIds()
	const pieces = index.operations.map((legacy, at) => makePiece(legacy, ["operations", at], makeId(legacy.id), sources))
	const pools: PoolDraft[] = []
	for (const group of makeGroups(pieces, isJoint)) {
		const id = group.length > 1 ? makeId(jointName(group)) : (group[0]?.id ?? "")
		const pool = makeGroupPool(id, group, shared)
		if (pool) pools.push(pool)
		const lastFile = group.findLastIndex(isFile)
		for (const [index, piece] of group.entries()) tell(makeNote(piece, pool, index < lastFile))
	}
	return { pools, finalClosure: isJoint ? [] : proofs, grouping: isJoint ? jointly : singly }
}

const noChecks = { pre_checks: [], post_checks: [] }
const jointly =
	"one failure put all operations back, so those that were enabled are one pool; each disabled one is a pool of its own"
const singly = "a failure put nothing else back, so each operation is a pool of its own"

function makeGroups(pieces: Piece[], isJoint: boolean): Piece[][] {
	const isMember = ({ isEnabled }: Piece) => isJoint && isEnabled
	const joint = pieces.filter(isMember)
	settleDestinations(joint)
	const single = pieces.filter((piece) => !isMember(piece)).map((piece) => [piece])
	return joint.length > 0 ? [joint, ...single] : single
}

/** In one pool each destination stands once and none inside another; of two legacy operations the later one won. */
function settleDestinations(group: Piece[]): void {
	const writers = new Map<string, Piece>()
	for (const piece of group) {
		if (!piece.made) continue
		const { destination } = piece.made.operation
		const earlier = writers.get(destination)
		if (earlier) earlier.supersededBy = piece.legacy.id
		writers.set(destination, piece)
	}
	for (const [destination, piece] of writers) {
		const outer = foldersAbove(destination).find((folder) => writers.has(folder))
		if (outer !== undefined) piece.refusal = insideAnother(outer)
	}
}

/** Bounded: nothing deeper than 64 folders is looked at. */
function foldersAbove(path: string): string[] {
	const parts = path.split("/").slice(0, 66)
	return parts.map((_, index) => parts.slice(0, index).join("/")).filter((folder) => folder !== "")
}

function insideAnother(outer: string) {
	const message = `another operation makes ${quoted(outer)} a file, so nothing can lie below it`
	return { message, remedy: "correct one of the two targets and import again" }
}

function jointName(group: Piece[]): string {
	const ids = group.map(({ id }) => id)
	const all = ids.slice(0, 64).join("-")
	return all.length <= 64 && ids.length <= 64 ? all : `${ids[0]?.slice(0, 44)}-and-${ids.length - 1}-more`
}

interface Shared {
	checks: string[]
	proofs: string[]
	/** 0 where nothing says how long a check may take. */
	seconds: number
}

function makeGroupPool(id: string, group: Piece[], { checks, proofs, seconds }: Shared): PoolDraft | undefined {
	const made = group.flatMap((piece) => (isUsed(piece) && piece.made ? [piece.made] : []))
	if (made.length === 0) return undefined
	const closure = [...made.flatMap(({ command }) => (command === undefined ? [] : [command])), ...proofs]
	const longest = made.reduce((limit, piece) => Math.max(limit, piece.seconds ?? 0), seconds)
	return {
		id,
		description: group.flatMap(({ legacy }) => (legacy.description ? [legacy.description] : [])).join("; "),
		operations: made.map(({ operation }) => operation),
		closure: closure.length > 0 ? closure : made.map(({ operation }) => `test -f ${plainWord(operation.destination)}`),
		isUnproved: closure.length === 0,
		checks,
		timeoutSeconds: longest || DEFAULT_TIMEOUT_SECONDS,
		// A part of what belonged together is no fix.
		enabled: group.every(({ isEnabled, refusal }) => isEnabled && !refusal),
	}
}

function isUsed({ made, refusal, supersededBy }: Piece): boolean {
	return made !== undefined && !refusal && supersededBy === undefined
}

function isFile(piece: Piece): boolean {
	return isUsed(piece) && piece.made?.command === undefined
}

/** `isOvertaken`: files of its pool came after it. */
function makeNote(
	{ legacy, at, isEnabled, made, refusal, supersededBy }: Piece,
	pool: PoolDraft | undefined,
	isOvertaken: boolean,
): Note {
	const note = { kind: "operation", name: `${quoted(legacy.id)} (${quoted(legacy.type)})`, at } as const
	const name = `pool ${quoted(pool?.id ?? "")}`
	if (refusal || !made || !pool) {
		const why = refusal?.message ?? "it has no pool"
		const rest = pool && isEnabled ? `; ${name}, to which it belonged, is switched off until it is complete` : ""
		return { ...note, outcome: "not-converted", message: why + rest, ...(refusal && { remedy: refusal.remedy }) }
	}
	if (supersededBy !== undefined) {
		const message = `${quoted(supersededBy)} writes the same target after it, so it is left out of ${name}`
		return { ...note, outcome: "noted", message }
	}
	const notes = [...made.notes, ...poolNotes({ legacy, made, pool, isOvertaken })]
	const message = [`${name}${pool.enabled ? "" : ", switched off,"} ${made.message}`, ...notes].join("; ")
	return {
		...note,
		outcome: notes.length > 0 ? "noted" : "converted",
		message,
		...(pool.isUnproved && { remedy: "add a closure command that fails when the fix does not work" }),
	}
}

interface Told {
	legacy: Piece["legacy"]
	made: NonNullable<Piece["made"]>
	pool: PoolDraft
	isOvertaken: boolean
}

function* poolNotes({ legacy, made, pool, isOvertaken }: Told): Generator<string> {
	if (legacy.enabled === undefined) yield 'the old program ran only what says "enabled": true, and this does not'
	if (made.command !== undefined && isOvertaken)
		yield "it runs when all files are in place, also those that came after it"
	if (made.seconds !== undefined && made.seconds < pool.timeoutSeconds)
		yield `it may take ${pool.timeoutSeconds} seconds there instead of ${made.seconds}`
	if (pool.isUnproved) yield "nothing in the old file proves it, so the closure only sees that the file is there"
}
