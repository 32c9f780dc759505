import type { JsonPath } from "../json-text.ts"
import { DEFAULT_TIMEOUT_SECONDS } from "../module.ts"
import { plainText, quoted } from "../plain-text.ts"
import type { Tell } from "./conversion.ts"
import type { LegacyTarget, TargetsIndex } from "./legacy-index.ts"
import { findSourceFault, type SourceList } from "./operation-piece.ts"
import { plainWord } from "./plain-word.ts"
import { type Converted, createIds, type PoolDraft } from "./pool-draft.ts"
import { makeScript } from "./script.ts"
import { findTextFault } from "./value-fault.ts"

/** Each target into a pool that brings its script and runs it. */
export function convertTargets({ targets }: TargetsIndex, sources: SourceList, tell: Tell): Converted {
	const makeId = createIds()
	const pools = targets.flatMap((target, index) => {
		const pool = convertTarget(target, ["targets", index], makeId(target.id), sources, tell)
		return pool ? [pool] : []
	})
	return { pools, finalClosure: [], grouping: "no target stopped another, so each is a pool of its own" }
}

function convertTarget(
	target: LegacyTarget,
	at: JsonPath,
	id: string,
	sources: SourceList,
	tell: Tell,
): PoolDraft | undefined {
	const source = `${target.id}.sh`
	const note = { kind: "target", name: quoted(target.id), at } as const
	const condition = convertCondition(target, [...at, "version_check"], tell)
	const isEnabled = condition !== undefined && !tellRun(target, [...at, "has_run"], tell)
	const fault = findTextFault(["pools", "*", "operations", "*", "target"], source) ?? findSourceFault(source, sources)
	if (fault) {
		tell({ ...note, outcome: "not-converted", ...fault })
		return undefined
	}
	const { operation, command } = makeScript(id, source, condition ? { condition } : {})
	const where = `installs the script at ${quoted(operation.destination)} and runs it in the closure`
	const message = [`pool ${quoted(id)}${isEnabled ? "" : ", switched off,"} ${where}`, staysThere].join("; ")
	tell({ ...note, outcome: "noted", message, remedy: namePlain })
	return {
		id,
		description: target.description,
		operations: [operation],
		closure: [command],
		checks: [],
		timeoutSeconds: DEFAULT_TIMEOUT_SECONDS,
		enabled: isEnabled,
		isUnproved: false,
	}
}

const staysThere = "what the script itself changes is not put back when the pool fails"
const namePlain = "where the script only writes files, make them operations of the pool instead"

/** A shell test, empty where the script is always run; undefined where none can be made, which switches the pool off. */
function convertCondition({ version_check: check }: LegacyTarget, at: JsonPath, tell: Tell): string | undefined {
	const note = { kind: "condition", name: quoted(check.type), at } as const
	if (check.type === "always" && check.value !== false) {
		tell({ ...note, outcome: "converted", message: "the script is always run" })
		return ""
	}
	if (check.type === "file_exists" && check.path?.startsWith("/")) {
		const condition = `[ ${check.invert ? "! " : ""}-e ${plainWord(check.path)} ]`
		if (!findTextFault(["finalClosure", "*"], condition)) {
			tell({ ...note, outcome: "converted", message: `the script is run only if ${plainText(condition)}` })
			return condition
		}
	}
	const why = Object.hasOwn(reasons, check.type) ? reasons[check.type] : "nobody knows what it means"
	tell({ ...note, outcome: "not-converted", message: `${why}, so the pool is switched off`, remedy: addCondition })
	return undefined
}

const reasons: Record<string, string> = {
	always: "its value is false: the script was never run",
	manual: "the script was only run by a person",
	file_exists: "it names no absolute path",
	module_schema: "where that module's version stands is not known here",
	binary_version: "how that program tells its version is not known here",
}
const addCondition =
	"put the condition as a shell test into the pool's closure, before the script, and switch the pool on"

/** Whether the script had run already, which switches its pool off. */
function tellRun({ has_run: hasRun }: LegacyTarget, at: JsonPath, tell: Tell): boolean {
	if (hasRun === undefined) return false
	tell({ kind: "setting", name: "has_run", at, ...(hasRun ? hadRun : hadNotRun) })
	return hasRun
}

/** What becomes of `has_run`, in pools too. */
export const hadRun = {
	outcome: "noted",
	message: "it had run where this file comes from, so the pool is switched off",
	remedy: "switch the pool on if other appliances still need it",
} as const
export const hadNotRun = {
	outcome: "converted",
	message: "each appliance remembers by itself what stands applied",
} as const
