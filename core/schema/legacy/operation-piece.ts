import type { JsonPath } from "../json-text.ts"
import { normalTarget } from "../manifest.ts"
import type { Operation } from "../module.ts"
import { quoted } from "../plain-text.ts"
import type { LegacyFiles } from "./conversion.ts"
import { LEGACY_SCRIPT_SECONDS } from "./convert-settings.ts"
import type { LegacyOperation } from "./legacy-index.ts"
import { makeScript } from "./script.ts"
import { findTextFault, type ValueFault } from "./value-fault.ts"

/** What one legacy operation gives to its pool. */
export interface Made {
	operation: Operation
	/** Of the closure, where it is a script. */
	command?: string
	/** What that command may take. */
	seconds?: number
	/** What became of it, and what a person should know of that. */
	message: string
	notes: string[]
}

/** One legacy operation on its way: `made`, or `refusal` says why not. */
export interface Piece {
	legacy: LegacyOperation
	at: JsonPath
	/** Valid and unique: its pool's where it has one of its own, and its script's folder. */
	id: string
	isEnabled: boolean
	made?: Made
	refusal?: ValueFault
	/** The later operation that writes the same target. */
	supersededBy?: string
}

/** Which files there are, quickly. */
export interface SourceList {
	present: ReadonlySet<string>
	problems: ReadonlyMap<string, LegacyFiles["problems"][number]>
}

export function makePiece(legacy: LegacyOperation, at: JsonPath, id: string, sources: SourceList): Piece {
	const piece = { legacy, at, id, isEnabled: legacy.enabled === true }
	const made = (conversions.get(legacy.type) ?? refuseType)(legacy, id)
	if (!("operation" in made)) return { ...piece, refusal: made }
	const refusal = findFault(made.operation) ?? findSourceFault(made.operation.target, sources)
	return refusal ? { ...piece, refusal } : { ...piece, made }
}

const conversions = new Map<string, (legacy: LegacyOperation, id: string) => Made | ValueFault>([
	["copy", (legacy) => ({ operation: makeOperation(legacy), message: copies(legacy), notes: [] })],
	["symlink", (legacy) => ({ operation: makeOperation(legacy), message: copies(legacy), notes: [noLink] })],
	["append", refuseAppend],
	["execute", makeExecution],
])

const noLink =
	"the file itself stands there instead of a link to it; a link that stands there already stays, and what it leads to is replaced"

function makeOperation({ source, target = "", permissions }: LegacyOperation): Operation {
	const { user: owner, group, mode } = permissions ?? {}
	const given = Object.entries({ owner, group, mode: mode?.replace(/^0o/, "0") }).filter(
		([, value]) => value !== undefined,
	)
	const operation = { target: normalTarget(source), destination: target }
	return given.length > 0 ? { ...operation, permissions: Object.fromEntries(given) } : operation
}

function copies({ source, target = "" }: LegacyOperation): string {
	return `copies ${quoted(`src/${normalTarget(source)}`)} to ${quoted(target)}`
}

function makeExecution(legacy: LegacyOperation, id: string): Made | ValueFault {
	const { working_dir: workingFolder, timeout: seconds = LEGACY_SCRIPT_SECONDS } = legacy
	if (workingFolder !== undefined && !workingFolder.startsWith("/")) return relativeFolder
	const { operation, command } = makeScript(id, normalTarget(legacy.source), workingFolder ? { workingFolder } : {})
	const notes = [staysThere, ...(workingFolder === undefined ? [otherFolder] : [])]
	if (legacy.cleanup_after) notes.push("it is not removed after the run: that would count as a change by somebody else")
	return {
		operation,
		command,
		seconds,
		message: `installs the script at ${quoted(operation.destination)} and runs it in the closure`,
		notes,
	}
}

const staysThere = "what the script itself changes is not put back when the pool fails"
const otherFolder =
	"it runs in its own folder there, no more in the module's, and finds no other file of src/ beside it"
const relativeFolder = {
	message: "its working_dir is no absolute path, so nobody knows where it ran",
	remedy: "give the absolute path and import again",
}

function refuseAppend({ source, target = "", marker, identifier, id }: LegacyOperation): ValueFault {
	const line = marker ?? identifier ?? id
	return {
		message: `a pool replaces whole files, and only the appliance knows what else stands in ${quoted(target)}`,
		remedy: `fetch ${quoted(target)} from the appliance, add ${quoted(`src/${normalTarget(source)}`)} at its end after a line ${quoted(line)} and copy that; or copy the text as a file of its own where the program reads a folder of them`,
	}
}

function refuseType({ type }: LegacyOperation): ValueFault {
	return {
		message: `${quoted(type)} is no type of operation`,
		remedy: "write copy, append, symlink or execute and import again",
	}
}

/** The first rule of the new format that it would break. */
function findFault({ target, destination, permissions = {} }: Operation): ValueFault | undefined {
	const at = ["pools", "*", "operations", "*"]
	const values = Object.entries({ target, destination }).map(([key, value]) => [[...at, key], value] as const)
	const rights = Object.entries(permissions).map(([key, value]) => [[...at, "permissions", key], value] as const)
	for (const [place, value] of [...values, ...rights]) {
		const fault = findTextFault(place, value)
		if (fault) return fault
	}
	return undefined
}

/** Why a file below `src/` cannot be a source. */
export function findSourceFault(target: string, { present, problems }: SourceList): ValueFault | undefined {
	const problem = problems.get(target)
	if (problem) return { message: `${quoted(`src/${target}`)}: ${problem.message}`, remedy: problem.remedy }
	if (present.has(target)) return undefined
	return { message: `there is no file ${quoted(target)} in src/`, remedy: "put the file there and import again" }
}
