import { randomUUID } from "node:crypto"
import { createWriteStream } from "node:fs"
import { lstat, mkdir, rename, rm, writeFile } from "node:fs/promises"
import { dirname, join, resolve } from "node:path"
import { pipeline } from "node:stream/promises"
import { readContent } from "../../folder/read-content.ts"
import { readIndexFile } from "../../folder/read-index-file.ts"
import { type FoundSource, walkSources } from "../../folder/walk-sources.ts"
import { type Failure, type FailureCode, FailureError } from "../../schema/failure.ts"
import type { Finding } from "../../schema/finding.ts"
import { type Conversion, printItem } from "../../schema/legacy/conversion.ts"
import { convertLegacy } from "../../schema/legacy/convert-legacy.ts"
import { requireGoing } from "../services/waiting.ts"

/** A legacy module folder and what it would become; nothing is written yet. */
export interface LegacyModule {
	/** Absolute. */
	folder: string
	/** The exact text of the legacy `index.json`. */
	text: string
	sources: FoundSource[]
	/** There exactly when the legacy module has no fault. */
	conversion?: Conversion
	/** The faults of the legacy `index.json`, all at once. */
	findings: Finding[]
}

/** Reads a legacy module folder and converts it. Fails with `module-unreadable` when there is no index to read. */
export async function readLegacyModule(folder: string): Promise<LegacyModule> {
	const path = resolve(folder)
	const { text, findings } = await readIndexFile(path, { advice: false })
	const unreadable = findings.filter(({ rule }) => rule === "not-utf-8")
	if (unreadable.length > 0) return { folder: path, text, sources: [], findings: unreadable }
	const { found, problems } = await walkSources(path)
	const files = { present: found.map(({ target }) => target), problems }
	return { folder: path, text, sources: found, ...convertLegacy(text, files) }
}

/**
 * Writes a converted module as a new folder: `index.json`, `src/`, and in `legacy/` the old index, the report and the
 * sources that no pool uses. It is made beside its place and renamed, so that it is there as a whole or not at all; a
 * folder that is there already is never written over. Resolves to its absolute path.
 */
export async function writeConverted(legacy: LegacyModule, conversion: Conversion, to: string): Promise<string> {
	const path = resolve(to)
	const draft = join(dirname(path), `.import-${randomUUID()}`)
	try {
		await refuseExisting(path)
		await mkdir(draft)
		await writeModule(legacy, conversion, draft)
		await refuseExisting(path)
		await rename(draft, path)
		return path
	} catch (error) {
		await rm(draft, { recursive: true, force: true })
		throw failureOf(error, path)
	}
}

/** Fills a folder that is empty. */
export async function writeModule(
	legacy: LegacyModule,
	conversion: Conversion,
	folder: string,
	signal?: AbortSignal,
): Promise<void> {
	for (const place of ["src", "legacy"]) await mkdir(join(folder, place))
	const modes = new Map(legacy.sources.map(({ target, mode }) => [target, mode]))
	const copy = (target: string, to: string) => {
		requireGoing(signal, "the import")
		return copySource(legacy.folder, target, join(to, target), modes.get(target))
	}
	for (const target of conversion.sources) await copy(target, join(folder, "src"))
	for (const target of conversion.aside) await copy(target, join(folder, "legacy", "src"))
	const report = [conversion.grouping, ...conversion.items.map(printItem), ""].join("\n")
	await writeFile(join(folder, "legacy", "report.txt"), report, { flush: true })
	await writeFile(join(folder, "legacy", "index.json"), legacy.text, { flush: true })
	await writeFile(join(folder, "index.json"), conversion.index, { flush: true })
}

/** With the permission bits it has: a new destination takes them over. */
async function copySource(folder: string, target: string, to: string, mode = 0o644): Promise<void> {
	await mkdir(dirname(to), { recursive: true })
	await pipeline(readContent(folder, target), createWriteStream(to, { mode: mode & 0o777, flags: "wx", flush: true }))
}

async function refuseExisting(path: string): Promise<void> {
	const found = await lstat(path).catch((error: NodeJS.ErrnoException) => {
		if (error.code === "ENOENT") return undefined
		throw error
	})
	if (found) throw new FailureError("name-taken", { path })
}

/** What the disk refused, as a failure; anything else stays what it is. */
function failureOf(error: unknown, path: string): unknown {
	const code = error instanceof Error && "code" in error ? String(error.code) : ""
	const refusal = refusals[code]
	return refusal ? new FailureError(refusal[0], refusal[1]?.(path) ?? { path }, { cause: error }) : error
}

const noParent = (path: string) => ({ kind: "folder to write into", path: dirname(path) })
const refusals: Record<string, [FailureCode, ((path: string) => Failure["data"])?]> = {
	ENOENT: ["not-found", noParent],
	ENOTDIR: ["not-found", noParent],
	ENAMETOOLONG: ["bad-request", () => ({ reason: "the name of the new folder is too long" })],
	// Somebody made it meanwhile: a rename never replaces a folder that holds something.
	EEXIST: ["name-taken"],
	ENOTEMPTY: ["name-taken"],
	EACCES: ["not-permitted"],
	EPERM: ["not-permitted"],
	EROFS: ["read-only"],
	ENOSPC: ["disk-full"],
	EDQUOT: ["disk-full"],
}
