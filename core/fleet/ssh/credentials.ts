import type { ParsedKey } from "ssh2"
import { FailureError } from "../../schema/failure.ts"

/**
 * What people typed and keys that were unlocked, for as long as the program runs and nowhere else: a reconnect must not
 * ask again. However many connections need the same one at once, it is asked for once.
 */
export interface Credentials {
	/** The secret of this name, or `ask`'s answer, which is then kept. */
	secret(name: string, ask: () => Promise<string>): Promise<string>
	/** The far side took this secret: `isProved` is true of it from now on. */
	prove(name: string, secret: string): void
	isProved(name: string, secret: string): boolean
	/** Forgets a secret that was refused; another one given meanwhile stays. */
	forget(name: string, secret: string): Promise<void>
	/** The key of this name, or what `load` makes, which is then kept. */
	key(name: string, load: () => Promise<ParsedKey>): Promise<ParsedKey>
}

export function createCredentials(): Credentials {
	const secrets = new Map<string, Promise<string>>()
	const proved = new Map<string, string>()
	const keys = new Map<string, Promise<ParsedKey>>()
	return {
		secret: (name, ask) => once(secrets, name, ask),
		prove: (name, secret) => void proved.set(name, secret),
		isProved: (name, secret) => proved.get(name) === secret,
		async forget(name, secret) {
			if (proved.get(name) === secret) proved.delete(name)
			const kept = secrets.get(name)
			const value = await kept?.catch(() => undefined)
			if (value === secret && secrets.get(name) === kept) secrets.delete(name)
		},
		key: (name, load) => once(keys, name, load),
	}
}

/**
 * A failure is not kept: the next caller tries anew. So does one who waited for somebody else's question when only that
 * other one was cancelled.
 */
async function once<T>(kept: Map<string, Promise<T>>, name: string, make: () => Promise<T>): Promise<T> {
	const known = kept.get(name)
	if (!known) return keep(kept, name, make())
	try {
		return await known
	} catch (error) {
		if (error instanceof FailureError && error.failure.code === "cancelled") return once(kept, name, make)
		throw error
	}
}

function keep<T>(kept: Map<string, Promise<T>>, name: string, made: Promise<T>): Promise<T> {
	kept.set(name, made)
	// The caller gets the failure; here it is only no longer remembered.
	made.catch(() => kept.delete(name))
	return made
}
