import { FailureError } from "../../schema/failure.ts"
import type { Endpoint } from "./open-socket.ts"

/** RFC 4254, 5.1. */
const PROHIBITED = 1
const CONNECT_FAILED = 2
const UNKNOWN_CHANNEL_TYPE = 3

/**
 * Why a jump host made no connection for us: it may not (`jump-refused`, which names the jump host), or it could not
 * (the failure that a connection of our own would have, which names the server behind it). What is no plain refusal may
 * pass by itself, and is worth another attempt.
 */
export function classifyForwardFailure(error: Error, jump: Endpoint, to: Endpoint): FailureError {
	const { host, port } = to
	const said = error.message.replace(/^\(SSH\) Channel open failure: /, "").toLowerCase()
	const cause = { cause: error }
	const reason = "reason" in error ? error.reason : undefined
	if (reason === PROHIBITED || reason === UNKNOWN_CHANNEL_TYPE) {
		const target = host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`
		return new FailureError("jump-refused", { ...jump, target, reason: said }, cause)
	}
	if (reason === CONNECT_FAILED) {
		if (/temporary failure in name resolution/.test(said))
			return new FailureError("name-not-found", { host, temporary: true }, cause)
		if (/name or service not known|no address associated|nodename nor servname/.test(said))
			return new FailureError("name-not-found", { host, temporary: false }, cause)
		if (/refused/.test(said)) return new FailureError("refused", { host, port }, cause)
		if (/timed out/.test(said)) return new FailureError("timed-out", { host, port, phase: "connect" }, cause)
	}
	return new FailureError("unreachable", { host, port, reason: said }, cause)
}
