import { type FileHandle, open, readFile, rm } from "node:fs/promises"
import { join } from "node:path"
import { z } from "zod"
import { FailureError } from "../../schema/failure.ts"
import { digestOf } from "../digest.ts"
import type { CarriedRuntime } from "./bootstrap.ts"
import { requireDigest } from "./carried-digests.ts"
import { type PackedProgram, packProgram } from "./pack-program.ts"

/** `runtimes.json`, as `build/runtimes.mjs` writes it: beside it lies `ARCHITECTURE/node`. */
const listSchema = z.array(
	z.object({
		architecture: z.enum(["x64", "arm64"]),
		version: z.string().regex(/^\d+\.\d+\.\d+$/),
		/** SHA-256. */
		digest: z.string().regex(/^[0-9a-f]{64}$/),
		size: z.number().int().positive(),
	}),
)

/** The Node runtimes that this build can bring to appliances without one. */
export interface Runtimes {
	list: readonly CarriedRuntime[]
	/** Packs one; at most once, whoever asks and however often: it is kept, also for later programs. */
	pack(name: string): Promise<PackedProgram>
	/** The same, opened: what happens to its name from now on touches no reader. Whoever asks closes it. */
	open(name: string): Promise<{ file: FileHandle; size: number }>
	/** What was packed did not arrive whole: the next time it is packed anew. */
	forget(name: string): Promise<void>
}

/** A desktop that brings none. */
export const noRuntimes: Runtimes = {
	list: [],
	pack: (name) => Promise.reject(notCarried(name)),
	open: (name) => Promise.reject(notCarried(name)),
	forget: async () => {},
}

function notCarried(name: string): FailureError {
	return new FailureError("not-found", { kind: "runtime", id: name })
}

/**
 * The runtimes in `folder`, none where that has not been built. `cacheFolder` is where they are kept packed: a folder of
 * the user's, because a program that is installed cannot write to its own. `expected` is the list's SHA-256, where an
 * installer says what it carries; the list has those of the runtimes.
 */
export async function readRuntimes(folder: string, cacheFolder: string, expected?: string): Promise<Runtimes> {
	const list = (await readList(join(folder, "runtimes.json"), expected)).map(
		({ architecture, version, digest, size }) => ({
			architecture,
			size,
			digest,
			name: `node-v${version}-${architecture}-${digest}`,
			path: join(folder, architecture, "node"),
		}),
	)
	const packing = new Map<string, Promise<PackedProgram>>()
	function pack(name: string): Promise<PackedProgram> {
		const runtime = list.find((one) => one.name === name)
		if (!runtime) return noRuntimes.pack(name)
		const known = packing.get(name)
		if (known) return known
		const packed = packProgram(runtime, { folder: cacheFolder, keep: list.map((one) => one.name) })
		packing.set(name, packed)
		// The caller gets the failure; the next one tries anew.
		packed.catch(() => packing.delete(name))
		return packed
	}

	return {
		list,
		pack,
		async open(name) {
			const packed = pack(name)
			try {
				return await openWhole(await packed)
			} catch (error) {
				if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error
				// Forgotten, here or by another program, before it was opened.
				if (packing.get(name) === packed) packing.delete(name)
				return openWhole(await pack(name))
			}
		},
		async forget(name) {
			const packed = await packing.get(name)
			packing.delete(name)
			if (packed) await rm(packed.path, { force: true })
		},
	}
}

async function openWhole({ path }: PackedProgram): Promise<{ file: FileHandle; size: number }> {
	const file = await open(path)
	try {
		return { file, size: (await file.stat()).size }
	} catch (error) {
		await file.close()
		throw error
	}
}

async function readList(path: string, expected?: string): Promise<z.infer<typeof listSchema>> {
	let text: string
	try {
		text = await readFile(path, "utf8")
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === "ENOENT" && expected === undefined) return []
		throw new FailureError("internal", { message: `cannot read ${path}` }, { cause: error })
	}
	requireDigest(path, digestOf(text), expected)
	const list = listSchema.safeParse(parseJson(text))
	if (list.success) return list.data
	throw new FailureError("internal", { message: `${path} is damaged; build it anew` }, { cause: list.error })
}

function parseJson(text: string): unknown {
	try {
		return JSON.parse(text)
	} catch {
		// The schema says that it is no list.
		return undefined
	}
}
