import ssh2, { type ParsedKey } from "ssh2"
import type { RingKey } from "./key-ring.ts"

type Identities = (error: Error | undefined | null, keys?: ParsedKey[]) => void
type Signed = (error?: Error | null, signature?: Buffer) => void

/** One key, from an agent or a file, in a shape in which ssh2 asks for a signature only when the server takes the key. */
export class RingAgent extends ssh2.BaseAgent<ParsedKey> {
	readonly #key: RingKey
	readonly #onSign: (failure?: unknown) => void

	/** `onSign`: the server takes the key; with a failure where it could not be used after all. */
	constructor(key: RingKey, onSign: (failure?: unknown) => void) {
		super()
		this.#key = key
		this.#onSign = onSign
	}

	override getIdentities(tell: Identities): void {
		tell(undefined, [this.#key.publicKey])
	}

	override sign(_key: ParsedKey, data: Buffer, options: { hash?: string } | Signed, tell?: Signed): void {
		const done = typeof options === "function" ? options : tell
		const hash = typeof options === "function" ? undefined : options.hash
		this.#key.sign(data, hash).then(
			(signature) => {
				this.#onSign()
				done?.(null, signature)
			},
			(error) => {
				this.#onSign(error)
				done?.(error instanceof Error ? error : new Error(String(error)))
			},
		)
	}
}
