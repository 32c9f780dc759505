import type { Client } from "ssh2"
import { FailureError } from "../../schema/failure.ts"

/** What a server said to the sign-in methods tried so far. */
export interface ServerAnswers {
	/** The methods that it still accepts; null before its first word. */
	readonly offered: readonly string[] | null
	/** Whether one was right since the last call, and a further one is wanted. */
	takePartial(): boolean
}

type OnFailure = (protocol: unknown, methods: string[], partial: boolean) => void

/**
 * Trap: what ssh2 hands to `authHandler` is old after a key of an agent, and forgets after an RSA key that it was right
 * (it tries the other signature first). So the answers are taken where they arrive; the handler's place is ssh2's own
 * affair, and a version without it must not go unnoticed.
 */
export function hearAnswers(client: Client): ServerAnswers {
	const { _protocol: protocol } = client as unknown as {
		_protocol?: { _handlers?: { USERAUTH_FAILURE?: OnFailure } }
	}
	const handlers = protocol?._handlers
	const onFailure = handlers?.USERAUTH_FAILURE
	if (!handlers || !onFailure) throw new FailureError("internal", { message: "ssh2 has changed: no answers are heard" })
	let offered: string[] | null = null
	let isPartial = false
	handlers.USERAUTH_FAILURE = (self, methods, partial) => {
		offered = methods
		isPartial ||= partial
		onFailure(self, methods, partial)
	}
	return {
		get offered() {
			return offered
		},
		takePartial() {
			const taken = isPartial
			isPartial = false
			return taken
		},
	}
}
