import type { Become } from "../../schema/appliance.ts"
import { type Failure, FailureError } from "../../schema/failure.ts"
import type { ProgramEnd } from "../ssh/remote-program.ts"
import { LOWEST_NODE } from "./bootstrap.ts"

/** What is known when the bootstrap did not come to start the runner. */
export interface StartState {
	host: string
	user: string
	stateFolder: string
	become: Become
	/** Last line of the bootstrap, without nonce. */
	words?: readonly string[] | undefined
	/** What was printed besides. */
	stdout: string
	stderr: string
	end?: ProgramEnd | undefined
}

/** Sudo wants a password and was told not to ask: not a failure yet, see `start-runner.ts`. */
export function needsSudoPassword(state: StartState): boolean {
	return (
		state.become === "sudo" &&
		!state.words &&
		/a password is required|interactive authentication is required/i.test(state.stderr)
	)
}

export function classifyStartFailure(state: StartState): FailureError {
	const [word, ...rest] = state.words ?? []
	if (word === "NORUNTIME") return noRuntime(state, rest)
	if (word === "NOSTART") return noRuntime(state, ["does-not-start"])
	if (word === "NOEXEC") return fail(state, "no-exec", { path: state.stateFolder })
	if (word === "NOROOM") return noRoom(state, rest)
	if (word === "FAIL") return stepFailed(state, rest)
	const refused =
		state.become === "sudo" ? sudoRefusal(state) : state.become === "doas" ? doasRefusal(state) : undefined
	if (refused) return refused
	const refusal = loginRefusal(state)
	if (refusal) return fail(state, "channel-refused", { reason: refusal, output: outputOf(state) })
	const reason = "the login shell did not start it"
	return fail(state, "runner-failed", { reason, ...endOf(state.end), output: outputOf(state) })
}

function noRuntime(state: StartState, [reason = "", architecture = "", found = ""]: string[]): FailureError {
	const output = reason === "does-not-start" ? outputOf({ ...state, stdout: "" }) : ""
	return fail(state, "no-suitable-runtime", {
		needed: String(LOWEST_NODE),
		reason,
		...(architecture && { architecture }),
		...(found && { found }),
		...(output && { output }),
	})
}

/** Both in KiB. */
function noRoom(state: StartState, [needed, free]: string[]): FailureError {
	const bytes = { neededBytes: Number(needed) * 1024, freeBytes: Number(free) * 1024 }
	return fail(state, "disk-full", { path: state.stateFolder, ...bytes })
}

/** By the words of the system's own error, which the bootstrap asks for in English. */
function stepFailed(state: StartState, [step = "", ...rest]: string[]): FailureError {
	const path = state.stateFolder
	const detail = rest.join(" ")
	if (step === "damaged") return fail(state, "upload-damaged", { path })
	if (step === "unsafe") return fail(state, "state-unsafe", { path, reason: whyUnsafe(detail) })
	if (step === "tool") return fail(state, "runner-failed", { reason: `${detail} is not installed there` })
	if (/No space left on device|Disk quota exceeded/i.test(state.stderr)) return fail(state, "disk-full", { path })
	if (/Read-only file system/i.test(state.stderr)) return fail(state, "read-only", { path })
	if (/Permission denied|Operation not permitted/i.test(state.stderr)) {
		return fail(state, "not-permitted", { path, user: state.user })
	}
	if (/unexpected end of file|short read|crc error|not in gzip format|invalid|corrupted/i.test(state.stderr))
		return fail(state, "upload-damaged", { path })
	if (/Not a directory|File exists/i.test(state.stderr))
		return fail(state, "state-unsafe", { path, reason: "it is no folder" })
	return fail(state, "runner-failed", { reason: `installing it failed (${step})`, output: outputOf(state) })
}

/** `exposed`: the folder above it that is to blame, if it is not the folder itself. */
function whyUnsafe(exposed: string): string {
	return exposed ? `others may exchange what lies in ${exposed}` : "others may write to it"
}

function sudoRefusal(state: StartState): FailureError | undefined {
	const said = state.stderr
	if (/sudo: (command )?not found|sudo: No such file/i.test(said)) return refuse(state, "not-installed")
	if (/not in the sudoers|not allowed to|may not run sudo|not permitted/i.test(said))
		return refuse(state, "not-allowed")
	if (/must have a tty|a terminal is required/i.test(said)) return refuse(state, "needs-terminal")
	if (/incorrect password|Sorry, try again|no password was provided/i.test(said)) return refuse(state, "wrong-password")
	return undefined
}

/** doas has a rule for the account (with or without a password), has none, or is not set up at all. */
function doasRefusal(state: StartState): FailureError | undefined {
	const said = state.stderr
	if (/doas: (command )?not found|doas: No such file/i.test(said)) return refuse(state, "not-installed")
	if (/doas: (Authentication|Authorization) (required|failed)/i.test(said)) return refuse(state, "needs-password")
	// No rule, no rules at all, or such as make no sense: its own words are told with it.
	return /^doas: /m.test(said) ? refuse(state, "not-allowed") : undefined
}

function refuse(state: StartState, reason: string): FailureError {
	const output = outputOf({ ...state, stdout: "" })
	return fail(state, "sudo-refused", { user: state.user, program: state.become, reason, output })
}

/** Accounts that may not run commands answer in text of their own. */
function loginRefusal({ stdout, stderr }: StartState): string | undefined {
	const said = `${stdout}\n${stderr}`
	if (/account is currently not available|sftp connections only/i.test(said)) return "the account may not run commands"
	if (/password change required|password has expired|must change your password/i.test(said)) {
		return "the account's password must be changed first"
	}
	return undefined
}

function fail(state: StartState, code: Failure["code"], data: Failure["data"]): FailureError {
	return new FailureError(code, { host: state.host, ...data })
}

function endOf(end: ProgramEnd | undefined): Failure["data"] {
	return { ...end }
}

/** The last it said, on one of the two streams. */
function outputOf({ stdout, stderr }: StartState): string {
	return (stderr.trim() || stdout.trim()).slice(-2048)
}
