import { stat } from "node:fs/promises"
import type { ConfigLine } from "./config-line.ts"

/** Called with each file and folder before it is read: what the lines depend on. */
export type Look = (path: string) => Promise<void>

/** A file that was written so shortly before it was looked at may change once more and look the same, milliseconds. */
const FRESH_MS = 2000

interface Kept {
	lines: ConfigLine[]
	/** What was looked at, and how it looked before it was read. */
	seen: Map<string, string>
}

/**
 * A configuration that is read anew when one of its files or folders has changed, and else kept: many appliances ask for it
 * at once. Callers at the same moment share one reading.
 */
export function createKeptConfig(read: (look: Look) => Promise<ConfigLine[]>): () => Promise<ConfigLine[]> {
	let kept: Kept | undefined
	let reading: Promise<ConfigLine[]> | undefined

	async function readAnew(): Promise<ConfigLine[]> {
		const seen = new Map<string, string>()
		let newest = 0
		const lines = await read(async (path) => {
			const { version, changedMs } = await versionOf(path)
			seen.set(path, version)
			newest = Math.max(newest, changedMs)
		})
		// One from the future is never old enough.
		kept = Date.now() - newest > FRESH_MS ? { lines, seen } : undefined
		return lines
	}
	async function current(): Promise<ConfigLine[]> {
		return kept && (await isUnchanged(kept.seen)) ? kept.lines : readAnew()
	}
	return () => {
		reading ??= current().finally(() => {
			reading = undefined
		})
		return reading
	}
}

async function isUnchanged(seen: Kept["seen"]): Promise<boolean> {
	for (const [path, version] of seen) if ((await versionOf(path)).version !== version) return false
	return true
}

/** A file that cannot be looked at is read all the same: reading says why. */
async function versionOf(path: string): Promise<{ version: string; changedMs: number }> {
	try {
		const { dev, ino, size, mode, uid, mtimeMs, ctimeMs } = await stat(path)
		return { version: [dev, ino, size, mode, uid, mtimeMs, ctimeMs].join(" "), changedMs: Math.max(mtimeMs, ctimeMs) }
	} catch (error) {
		return { version: String((error as NodeJS.ErrnoException).code), changedMs: 0 }
	}
}
