import { createHash, randomBytes } from "node:crypto"
import { createReadStream, createWriteStream } from "node:fs"
import { mkdir, readdir, rename, rm, stat } from "node:fs/promises"
import { join } from "node:path"
import { pipeline } from "node:stream/promises"
import { createGzip } from "node:zlib"
import { FailureError } from "../../schema/failure.ts"

/** A program as it travels: a gzipped file. */
export interface PackedProgram {
	path: string
	/** Bytes of that file. */
	size: number
}

/** What a program that was ended hard has left of its packing, milliseconds. */
const FORGOTTEN_MS = 3600_000
/** Level 9 takes three times as long and saves less than a hundredth. */
const LEVEL = 6

/**
 * The program packed, as a file of `folder`: the one that is there, else made now, which takes seconds. What is in the
 * folder and neither this nor named in `keep` goes. `digest` (SHA-256) is that of the unpacked program; one that does not
 * have it any more is not packed.
 */
export async function packProgram(
	program: { name: string; path: string; digest: string },
	{ folder, keep }: { folder: string; keep: readonly string[] },
): Promise<PackedProgram> {
	const path = join(folder, `${program.name}.gz`)
	try {
		const size = await sizeOf(path)
		if (size !== undefined) return { path, size }
		await makeFolder(folder)
		await removeOthers(folder, new Set([program.name, ...keep].map((name) => `${name}.gz`)))
		const aside = `${path}.${randomBytes(6).toString("hex")}.new`
		try {
			await pack(program, aside)
			await rename(aside, path)
		} finally {
			await rm(aside, { force: true })
		}
		return { path, size: (await stat(path)).size }
	} catch (error) {
		throw packingFailure(error, folder)
	}
}

/** Streamed: such a program is larger than what this one should ever have in memory. */
async function pack({ path, digest }: { path: string; digest: string }, aside: string): Promise<void> {
	const hash = createHash("sha256")
	await pipeline(
		createReadStream(path, { highWaterMark: 1 << 20 }),
		async function* (pieces: AsyncIterable<Buffer>) {
			for await (const piece of pieces) {
				hash.update(piece)
				yield piece
			}
		},
		createGzip({ level: LEVEL }),
		createWriteStream(aside, { flags: "wx", mode: 0o600, flush: true }),
	)
	if (hash.digest("hex") !== digest)
		throw new FailureError("internal", { message: `${path} is not what was built; build it anew` })
}

/** Not with what is above it: Node would tell a disk that can only be read as a folder that is missing. */
async function makeFolder(folder: string): Promise<void> {
	try {
		await mkdir(folder, { mode: 0o700 })
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error
	}
}

async function removeOthers(folder: string, kept: ReadonlySet<string>): Promise<void> {
	for (const name of await readdir(folder)) {
		const path = join(folder, name)
		if (kept.has(name)) continue
		// Another program may be packing at this very moment.
		const isBeingMade = name.endsWith(".new") && Date.now() - ((await timeOf(path)) ?? 0) < FORGOTTEN_MS
		if (!isBeingMade) await rm(path, { force: true })
	}
}

const sizeOf = (path: string) => stat(path).then(({ size }) => size, unlessAbsent)
const timeOf = (path: string) => stat(path).then(({ mtimeMs }) => mtimeMs, unlessAbsent)

function unlessAbsent(error: NodeJS.ErrnoException): undefined {
	if (error.code !== "ENOENT") throw error
}

function packingFailure(error: unknown, path: string): FailureError {
	if (error instanceof FailureError) return error
	const { code = "", message } = error as NodeJS.ErrnoException
	const options = { cause: error }
	if (code === "ENOSPC" || code === "EDQUOT") return new FailureError("disk-full", { path }, options)
	if (code === "EROFS") return new FailureError("read-only", { path }, options)
	if (code === "EACCES" || code === "EPERM") return new FailureError("not-permitted", { path }, options)
	return new FailureError("internal", { message }, options)
}
