import { createHash } from "node:crypto"
import { basename } from "node:path"
import type { RunRequest } from "../../core/protocol/runner-calls.ts"
import type { RunnerPort } from "../../core/protocol/runner-port.ts"
import { digestInput, type Manifest } from "../../core/schema/manifest.ts"

export interface SamplePool {
	id: string
	/** Content by destination. */
	files: Record<string, string>
	closure: string[]
	confirmSeconds?: number
}

export interface Sample {
	manifest: Manifest
	/** By digest. */
	contents: Map<string, Uint8Array>
}

/** A module made of words: its manifest, and the contents a desktop would supply. */
export function makeSample(version: string, pools: SamplePool[], finalClosure: string[] = []): Sample {
	const contents = new Map<string, Uint8Array>()
	const sources = new Map<string, Manifest["sources"][number]>()
	const index = JSON.stringify({
		metadata: { schema_version: version, description: "a sample" },
		pools: pools.map(({ id, files, closure, confirmSeconds }) => ({
			id,
			description: `pool ${id}`,
			operations: Object.entries(files).map(([destination, content]) => {
				const target = `${id}/${basename(destination)}`
				const bytes = Buffer.from(content)
				const digest = sha256(bytes)
				contents.set(digest, bytes)
				sources.set(target, { target, digest, size: bytes.length, mode: 0o644 })
				return { target, destination }
			}),
			closure,
			...(confirmSeconds === undefined ? {} : { confirmSeconds }),
		})),
		finalClosure,
	})
	const list = [...sources.values()]
	return {
		contents,
		manifest: { name: "sample", index, sources: list, digest: sha256(Buffer.from(digestInput(index, list))) },
	}
}

export function sha256(bytes: Uint8Array): string {
	return createHash("sha256").update(bytes).digest("hex")
}

export function requestOf({ manifest }: Sample, more: Partial<RunRequest> = {}): RunRequest {
	return { manifest, kind: "apply", force: false, allowDowngrade: false, modify: false, by: "conformance", ...more }
}

/** What a desktop does before it starts a run. */
export async function supplyAll(port: RunnerPort, { contents }: Sample): Promise<void> {
	const missing = await port.missing([...contents.keys()])
	await Promise.all(
		missing.map((digest) => {
			const bytes = contents.get(digest) ?? new Uint8Array(0)
			return port.supply(digest, bytes.length, inPieces(bytes))
		}),
	)
}

export async function* inPieces(bytes: Uint8Array, size = 3): AsyncGenerator<Uint8Array> {
	for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}
