import { expandHome } from "./key-file.ts"
import type { RingKey } from "./key-ring.ts"
import type { Target } from "./route.ts"

/** One way to sign in that is still to be tried. */
export type Candidate =
	/** The agent's keys and those of the configuration: one `ring-key` each, once they are gathered. */
	| { kind: "keys" }
	| { kind: "ring-key"; key: RingKey }
	| { kind: "key"; path: string }
	| { kind: "password" }
	| { kind: "keyboard-interactive" }

/** What is tried at a server, in this order: as it was chosen for an appliance, anything that it takes at a jump host. */
export function firstCandidates({ signIn }: Target): Candidate[] {
	switch (signIn?.method) {
		case "agent":
			return [{ kind: "keys" }]
		case "key":
			return [{ kind: "key", path: expandHome(signIn.path) }]
		case "password":
			return [{ kind: "keyboard-interactive" }, { kind: "password" }]
		case undefined:
			return [{ kind: "keys" }, { kind: "keyboard-interactive" }, { kind: "password" }]
	}
}

/**
 * Servers with `AuthenticationMethods publickey,keyboard-interactive` accept the key and then ask; what comes next is in
 * the order in which the server names it.
 */
export function furtherFactors({ signIn }: Target, offered: readonly string[]): Candidate[] {
	const known: Record<string, Candidate> = {
		publickey: signIn?.method === "key" ? { kind: "key", path: expandHome(signIn.path) } : { kind: "keys" },
		"keyboard-interactive": { kind: "keyboard-interactive" },
		password: { kind: "password" },
	}
	return offered.flatMap((name) => (Object.hasOwn(known, name) ? (known[name] ?? []) : []))
}

/** What the protocol calls it. */
export function wireName({ kind }: Candidate): string {
	return kind === "password" || kind === "keyboard-interactive" ? kind : "publickey"
}
