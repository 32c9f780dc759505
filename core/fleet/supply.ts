import type { Content, RunnerPort } from "../protocol/runner-port.ts"
import type { Manifest, Source } from "../schema/manifest.ts"
import { packContent } from "./pack-content.ts"

/** Contents under way at once: enough that a slow link never waits for an answer. */
const AT_ONCE = 32

/**
 * Brings the contents of a module to an appliance, those alone that it lacks, and packed where that makes them smaller.
 * `open` reads one source; it fails with `upload-damaged` where its bytes no longer have their digest. Progress is in bytes
 * as they travel: the total is what was sent and what is left, and shrinks with every content that does.
 */
export async function supplyContents(
	port: Pick<RunnerPort, "missing" | "supply">,
	manifest: Pick<Manifest, "sources">,
	open: (source: Source) => Content,
	onProgress: (sentBytes: number, totalBytes: number) => void = () => undefined,
	/** Called once all of it is on its way: what is asked for then comes behind it, and need not wait for the answers. */
	onSent: () => void = () => undefined,
): Promise<{ sentBytes: number; totalBytes: number }> {
	const byDigest = new Map(manifest.sources.map((source) => [source.digest, source]))
	const missing = byDigest.size > 0 ? await port.missing(digestsOf(manifest)) : []
	// Each once and only those that were asked for, whatever the appliance says that it lacks.
	const sources = [...new Set(missing)].flatMap((digest) => byDigest.get(digest) ?? [])
	let leftBytes = sources.reduce((sum, { size }) => sum + size, 0)
	let sentBytes = 0
	const tell = () => onProgress(sentBytes, sentBytes + Math.max(leftBytes, 0))
	tell()
	let unsent = sources.length
	if (unsent === 0) onSent()

	async function* counted(content: Content): AsyncGenerator<Uint8Array> {
		for await (const piece of content) {
			yield piece
			sentBytes += piece.length
			tell()
		}
		if (--unsent === 0) onSent()
	}
	async function send(source: Source): Promise<void> {
		const { digest, size } = source
		const { packing, content, close } = await packContent(open(source), size, (bytes) => {
			leftBytes -= bytes
		})
		try {
			await port.supply(digest, size, counted(content), packing)
		} finally {
			await close()
		}
	}
	const queue = sources.values()
	async function sendSome(): Promise<void> {
		for (const source of queue) await send(source)
	}
	await Promise.all(Array.from({ length: AT_ONCE }, sendSome))
	return { sentBytes, totalBytes: sentBytes }
}

/** Each content of a module once. */
export function digestsOf({ sources }: Pick<Manifest, "sources">): string[] {
	return [...new Set(sources.map(({ digest }) => digest))]
}
