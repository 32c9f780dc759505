import { closeSync } from "node:fs"
import type { Telling } from "../closure/step.ts"
import { createShellPipes, type ShellPipe } from "./shell-pipe.ts"

/** What a shell may tell at once; more is not kept, and counts as not told. */
const MOST_BYTES = 1024 * 1024

/** Through which a shell tells its variables: a pipe that it opens by a path, and that is nowhere in the file system. */
export class ShellVariables {
	readonly telling: Telling
	readonly #pipe: ShellPipe
	#bytes = 0
	#pieces: Buffer[] = []
	#isOpen = true

	private constructor(names: readonly string[], pipe: ShellPipe) {
		this.#pipe = pipe
		this.telling = { names, path: `/proc/${process.pid}/fd/${pipe.writeEnd}` }
	}

	static async create(names: readonly string[]): Promise<ShellVariables> {
		const take = (bytes: Uint8Array) => variables.#take(bytes)
		const [pipe] = await createShellPipes([take])
		const variables = new ShellVariables(names, pipe)
		return variables
	}

	/** Forgets what was told. */
	clear(): void {
		this.#pipe.flush()
		this.#bytes = 0
		this.#pieces = []
	}

	/** All values that were told since; undefined when it was not all of them. */
	read(): Uint8Array[] | undefined {
		this.#pipe.flush()
		if (this.#bytes > MOST_BYTES) return undefined
		const values: Uint8Array[] = []
		const told = Buffer.concat(this.#pieces)
		for (let start = 0, end = told.indexOf(0); end >= 0; start = end + 1, end = told.indexOf(0, start))
			values.push(told.subarray(start, end))
		return values.length < this.telling.names.length ? undefined : values
	}

	close(): void {
		if (!this.#isOpen) return
		this.#isOpen = false
		// Ours was the last end to write into: nothing is left to be drained.
		closeSync(this.#pipe.writeEnd)
		this.#pipe.close()
	}

	#take(bytes: Uint8Array): void {
		this.#bytes += bytes.length
		if (this.#bytes <= MOST_BYTES) this.#pieces.push(Buffer.from(bytes))
		else this.#pieces = []
	}
}
