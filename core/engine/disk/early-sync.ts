import type { OpenFile } from "../host.ts"

/** Bytes after which a disk that would otherwise wait for the end begins to write. */
const EVERY = 64 << 20

export interface EarlySync {
	/** So many bytes more were written to the file. */
	wrote(bytes: number): void
	/** Nothing goes on any more. Rejects when what began early failed: a later sync may pass without having written it. */
	end(): Promise<void>
}

/**
 * Makes what is written to a large file safe while the rest of it is still being written. Only makes its last sync short:
 * the caller syncs the file as if there were none of this.
 */
export function createEarlySync(file: OpenFile): EarlySync {
	let unsynced = 0
	let running: Promise<void> | undefined
	const errors: unknown[] = []
	const sync = async () => {
		try {
			await file.sync()
		} catch (error) {
			errors.push(error)
		}
		running = undefined
	}
	return {
		wrote(bytes) {
			unsynced += bytes
			if (unsynced < EVERY || running) return
			unsynced = 0
			running = sync()
		},
		async end() {
			await running
			if (errors.length > 0) throw errors[0]
		},
	}
}
