import ssh2, { type ParsedKey } from "ssh2"
import type { RingKey } from "./key-ring.ts"

type Identities = (error: Error | undefined | null, keys?: ParsedKey[]) => void
type Signed = (error?: Error | null, signature?: Buffer) => void

/** Keys from an agent and from files in the shape in which ssh2 tries one after the other: as those of an agent. */
export class RingAgent extends ssh2.BaseAgent<ParsedKey> {
	readonly #keys: readonly RingKey[]
	readonly #onSign: (key: RingKey, failure?: unknown) => void

	/** `onSign`: the server takes this key; with a failure where it could not be used after all. */
	constructor(keys: readonly RingKey[], onSign: (key: RingKey, failure?: unknown) => void) {
		super()
		this.#keys = keys
		this.#onSign = onSign
	}

	override getIdentities(tell: Identities): void {
		tell(
			undefined,
			this.#keys.map(({ publicKey }) => publicKey),
		)
	}

	override sign(wanted: ParsedKey, data: Buffer, options: { hash?: string } | Signed, tell?: Signed): void {
		const done = typeof options === "function" ? options : tell
		const hash = typeof options === "function" ? undefined : options.hash
		const key = this.#keys.find(({ publicKey }) => publicKey === wanted)
		if (!key) return done?.(new Error("a key that was not offered"))
		key.sign(data, hash).then(
			(signature) => {
				this.#onSign(key)
				done?.(null, signature)
			},
			(error) => {
				this.#onSign(key, error)
				done?.(error instanceof Error ? error : new Error(String(error)))
			},
		)
	}
}
