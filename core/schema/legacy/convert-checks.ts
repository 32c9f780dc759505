import type { JsonPath } from "../json-text.ts"
import { quoted } from "../plain-text.ts"
import { isChanging, makeCheckCommand } from "./check-command.ts"
import type { Tell } from "./conversion.ts"
import type { LegacyCheck } from "./legacy-index.ts"
import { findTextFault } from "./value-fault.ts"

/** Legacy checks as commands; what became of each is told. */
export interface CheckCommands {
	/** Of every pool: before anything is touched, and again after its closure. */
	checks: string[]
	/** Of every pool, or of the module, after the scripts. */
	proofs: string[]
}

/** `isFinal`: the post checks are the module's final closure, else each pool's own. */
export function convertChecks(
	given: { pre_checks: LegacyCheck[]; post_checks: LegacyCheck[] },
	isFinal: boolean,
	tell: Tell,
): CheckCommands {
	const proof = isFinal ? "a command of the final closure" : "a command of each pool's closure"
	return {
		checks: given.pre_checks.flatMap((check, index) =>
			convertPreCheck(check, ["validation", "pre_checks", index], tell),
		),
		proofs: given.post_checks.flatMap((check, index) =>
			convertCheck(check, ["validation", "post_checks", index], tell, [proof]),
		),
	}
}

function convertPreCheck(check: LegacyCheck, at: JsonPath, tell: Tell): string[] {
	if (!isChanging(check.command)) return convertCheck(check, at, tell, ["a check of each pool", alsoAfter])
	tell({
		kind: "check",
		name: nameOf(check),
		outcome: "not-converted",
		at,
		message: "this command changes the appliance, and a pool's checks only look",
		remedy: "put it into a closure if the fix needs it",
	})
	return []
}

/** `told`: what it becomes, then what a person should know of that. */
function convertCheck(check: LegacyCheck, at: JsonPath, tell: Tell, told: string[]): string[] {
	const command = makeCheckCommand(check)
	const note = { kind: "check", name: nameOf(check), at } as const
	const fault = findTextFault(["finalClosure", "*"], command)
	if (fault) {
		tell({ ...note, outcome: "not-converted", ...fault })
		return []
	}
	const notes =
		check.expected === undefined && check.expected_exit_code === undefined ? [...told, nothingExpected] : told
	const outcome = notes.length > 1 ? "noted" : "converted"
	tell({ ...note, outcome, message: notes.join("; "), ...(told.length > 1 && { remedy: whereBefore }) })
	return [command]
}

const alsoAfter = "it runs again after the closure and must hold then too"
const whereBefore = "take it out of the pools if it is meant to hold only before the fix"
const nothingExpected = "the old file expected nothing of it, and here its exit status must be 0"

function nameOf({ command }: LegacyCheck): string {
	return quoted(command)
}
