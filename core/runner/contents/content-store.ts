import { createHash, randomBytes } from "node:crypto"
import { createReadStream } from "node:fs"
import { open, rename, rm, utimes } from "node:fs/promises"
import { join } from "node:path"
import { makeLayout } from "../../engine/layout.ts"
import type { Packing } from "../../protocol/runner-calls.ts"
import type { Content } from "../../protocol/runner-port.ts"
import { FailureError } from "../../schema/failure.ts"
import type { Place } from "../jobs/job.ts"
import { removeOld } from "../remove-old.ts"
import { makeStateSubfolder } from "../state-folder.ts"
import { isAbsent, systemFailure } from "../system-failure.ts"
import { unpack } from "./unpack.ts"

/** Contents that no desktop asked about for so long are removed; a desktop that needs one again supplies it again. */
const KEPT_MS = 30 * 24 * 3600 * 1000

/** Nobody goes on with what a runner that died has left half. */
const HALF_MS = 24 * 3600 * 1000

/** Contents that a desktop supplied, each in a file named by its digest. */
export interface ContentStore {
	/** Those of the digests whose content is not there, or is there and damaged. */
	missing(digests: string[]): Promise<string[]>
	/** Stores one content; fails with `upload-damaged` when its bytes do not have the digest, or the size. */
	supply(digest: string, size: number, content: Content, packing?: Packing): Promise<void>
	/** Removes what nobody asked about for 30 days, and what is half and a day old. */
	prune(now?: number): Promise<void>
}

export function createContentStore(place: Place): ContentStore {
	const folder = makeLayout(place.options.stateFolder).sources
	return {
		async missing(digests) {
			const missing: string[] = []
			for (const digest of new Set(digests)) if (!(await isThere(join(folder, digest), digest))) missing.push(digest)
			return missing
		},
		async supply(digest, size, content, packing = "none") {
			await makeStateSubfolder(place, folder)
			await supply(folder, digest, size, packing === "gzip" ? unpack(content, digest) : content)
		},
		async prune(now) {
			await removeOld(folder, HALF_MS, now, (name) => name.startsWith("."))
			await removeOld(folder, KEPT_MS, now)
		},
	}
}

/** Asking for a content counts as use: it keeps the content from being removed before the run that needs it. */
async function isThere(path: string, digest: string): Promise<boolean> {
	try {
		const hash = createHash("sha256")
		for await (const piece of createReadStream(path)) hash.update(piece)
		if (hash.digest("hex") !== digest) return false
		await utimes(path, new Date(), new Date())
		return true
	} catch (error) {
		if (isAbsent(error)) return false
		throw systemFailure(error, path)
	}
}

async function supply(folder: string, digest: string, size: number, content: Content) {
	const incoming = join(folder, `.incoming-${randomBytes(8).toString("hex")}`)
	try {
		await writeContent(incoming, digest, size, content)
		await rename(incoming, join(folder, digest))
		await syncFolder(folder)
	} catch (error) {
		await rm(incoming, { force: true })
		throw systemFailure(error, folder)
	}
}

/** Writes and syncs; the name it gets afterwards never stands for a content that is not whole and on disk. */
async function writeContent(path: string, digest: string, size: number, content: Content) {
	const file = await open(path, "wx", 0o600)
	try {
		const hash = createHash("sha256")
		let length = 0
		for await (const piece of content) {
			length += piece.length
			if (length > size) break
			hash.update(piece)
			await file.writeFile(piece)
		}
		if (length !== size || hash.digest("hex") !== digest) throw new FailureError("upload-damaged", { path: digest })
		await file.sync()
	} finally {
		await file.close()
	}
}

async function syncFolder(path: string) {
	const folder = await open(path, "r")
	try {
		await folder.sync()
	} finally {
		await folder.close()
	}
}
