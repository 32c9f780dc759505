import { createHash } from "node:crypto"
import { resolve } from "node:path"
import { byPlace, type Finding } from "../schema/finding.ts"
import { digestInput, type Manifest, type Source } from "../schema/manifest.ts"
import type { Module } from "../schema/module.ts"
import { sourceFindings } from "../schema/source-findings.ts"
import { targetsOf } from "../schema/targets.ts"
import { type DigestCache, type DigestedSource, digestSources } from "./digest-sources.ts"
import { unreadable } from "./file-error.ts"
import { moduleName } from "./module-name.ts"
import { type IndexOptions, readIndexFile } from "./read-index-file.ts"
import { readSignatures } from "./read-signatures.ts"
import { type StrayLink, walkSources } from "./walk-sources.ts"

/** A file below `src/`; `used`: an operation names it. */
export interface FolderSource extends DigestedSource {
	used: boolean
}

/** A module folder as it was just now. */
export interface ModuleFolder {
	/** Absolute. */
	folder: string
	name: string
	/** The exact text of `index.json`; with U+FFFD for bytes that are no UTF-8 (then there is a fault). */
	text: string
	/** There when `index.json` itself has no fault. */
	module?: Module
	/** There when nothing has a fault: what may be run. Holds the used sources only. */
	manifest?: Manifest
	/** By place in `index.json`. */
	findings: Finding[]
	/** By target. */
	sources: FolderSource[]
	/** Links below `src/` that lead to no source. */
	links: StrayLink[]
}

/**
 * Reads a module folder: its index with every finding, its sources with their digests, and the manifest when nothing
 * has a fault. Fails with `module-unreadable` when there is no index to find faults in, or the folder cannot be read.
 */
export async function readModuleFolder(
	folder: string,
	{ digests, ...options }: IndexOptions & { digests?: DigestCache } = {},
): Promise<ModuleFolder> {
	const path = resolve(folder)
	const name = moduleName(path)
	const { text, module, findings: indexFindings } = await readIndexFile(path, options)
	const { sources, links, findings } = await readSources(path, text, indexFindings, digests)
	const hasFault = findings.some(({ severity }) => severity === "fault")
	const base = { folder: path, name, text, findings, sources, links }
	if (!module) return base
	if (hasFault) return { ...base, module }
	const signatures = await readSignatures(path)
	const manifest = { ...makeManifest(name, text, sources), ...(signatures !== undefined && { signatures }) }
	return { ...base, module, manifest }
}

async function readSources(folder: string, text: string, indexFindings: Finding[], digests?: DigestCache) {
	const walk = await walkSources(folder).catch((error: unknown) => {
		throw unreadable(folder, error)
	})
	const { sources, problems } = await digestSources(walk.found, digests)
	const named = targetsOf(text)
	const used = new Set(named.map(({ target }) => target))
	// A target that is wrong in itself is told once.
	const faulty = new Set(indexFindings.filter(({ severity }) => severity === "fault").map((finding) => finding.path))
	const sound = named.filter((place) => !faulty.has(place.path))
	const present = sources.map(({ target }) => target)
	const findings = [...indexFindings, ...sourceFindings(sound, present, [...walk.problems, ...problems])]
	return {
		sources: sources.map((source) => ({ ...source, used: used.has(source.target) })),
		links: walk.links,
		findings: findings.sort(byPlace),
	}
}

function makeManifest(name: string, index: string, sources: FolderSource[]): Manifest {
	const used: Source[] = sources
		.filter((source) => source.used)
		.map(({ target, digest, size, mode }) => ({ target, digest, size, mode }))
	const digest = createHash("sha256").update(digestInput(index, used)).digest("hex")
	return { name, index, sources: used, digest }
}
