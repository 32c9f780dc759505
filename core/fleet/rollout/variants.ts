import type { AskedFile } from "../../schema/appliance-compare.ts"
import type { AppliedFile, SeenDestination } from "../../schema/appliance-files.ts"
import type { Origin, PreparedFile, PreparedVariant } from "../../schema/rollout-prepare.ts"
import { keyOfContent } from "../../schema/variants.ts"
import { boundFailure, boundText } from "./bounds.ts"

/** What one appliance said of the destinations, in the order in which they were asked. */
export interface Looked {
	place: number
	os: string
	seen: readonly StoodFile[]
	/** Pools that a run would apply there. */
	applies: ReadonlySet<string>
}

/** A destination as it stands, as far as variants differ by it. */
export interface StoodFile {
	/** The same for the same content. */
	key: string
	now: { state: "file"; size: number; digest?: string } | Exclude<SeenDestination["now"], { state: "file" }>
	applied?: { digest: string; module: string; version: string }
}

/** Contents that are known by their digest. */
export interface KnownContents {
	/** The module that is to be rolled out. */
	module: string
	/** By target. */
	ours: ReadonlyMap<string, string>
	/** By destination and digest: the version that writes it. */
	published: ReadonlyMap<string, ReadonlyMap<string, string>>
}

/** Equal answers become one and the same object: thousands of appliances say the same. */
export function createStoodFiles() {
	const known = new Map<string, StoodFile>()
	return ({ destination, now: said, applied }: SeenDestination, place: number): StoodFile => {
		const now = said.state === "refused" ? { ...said, failure: boundFailure(said.failure) } : said
		const file: StoodFile = {
			key: keyOfContent(now, String(place)),
			now: now.state === "file" ? { state: "file", size: now.size, ...(now.digest && { digest: now.digest }) } : now,
			...(applied && { applied: recordOf(applied) }),
		}
		const id = JSON.stringify([destination, file])
		const first = known.get(id) ?? file
		known.set(id, first)
		return first
	}
}

function recordOf({ digest, module, version }: AppliedFile): StoodFile["applied"] {
	return { digest, module: boundText(module), version: boundText(version) }
}

/** In which contents each destination stands, on which appliances, and whose they are. */
export function mapVariants(
	files: readonly AskedFile[],
	looked: readonly Looked[],
	known: KnownContents,
): PreparedFile[] {
	return files.map((file, index) => ({ ...file, variants: variantsOf(file, index, looked, known) }))
}

/** One content, with what decides whose it is. */
interface Gathered {
	first: StoodFile
	on: { looked: Looked; stood: StoodFile }[]
}

function variantsOf(
	file: AskedFile,
	index: number,
	looked: readonly Looked[],
	known: KnownContents,
): PreparedVariant[] {
	const gathered = new Map<string, Gathered>()
	for (const one of looked) {
		const stood = one.seen[index]
		if (!stood) continue
		const variant = gathered.get(stood.key) ?? { first: stood, on: [] }
		variant.on.push({ looked: one, stood })
		gathered.set(stood.key, variant)
	}
	const factory = factoryKeys([...gathered.values()])
	return [...gathered.values()]
		.sort((a, b) => b.on.length - a.on.length)
		.map((variant) => ({
			origin: originOf(variant, file, known, factory),
			...(variant.first.now.state === "file" && {
				size: variant.first.now.size,
				...(variant.first.now.digest !== undefined && { digest: variant.first.now.digest }),
			}),
			places: variant.on.map(({ looked }) => looked.place),
			changed: variant.on.filter(({ stood }) => isChanged(stood)).length,
			written: variant.on.filter(({ looked }) => file.pools.some((pool) => looked.applies.has(pool))).length,
		}))
}

/** Whether something else stands there than what we wrote last. */
function isChanged({ now, applied }: StoodFile): boolean {
	if (!applied || now.state === "refused") return false
	return now.state === "absent" || (now.digest !== undefined && now.digest !== applied.digest)
}

/** By OS release: the content that more appliances have without our doing than any other, two at least. */
function factoryKeys(variants: readonly Gathered[]): Map<string, string> {
	const most = new Map<string, { key: string; count: number; isTied: boolean }>()
	for (const { first, on } of variants) {
		if (first.now.state !== "file") continue
		for (const [os, count] of countsByOs(on)) {
			const best = most.get(os)
			if (!best || count > best.count) most.set(os, { key: first.key, count, isTied: false })
			else if (count === best.count) best.isTied = true
		}
	}
	return new Map(
		[...most].flatMap(([os, { key, count, isTied }]) => (count >= 2 && !isTied ? [[os, key] as const] : [])),
	)
}

function countsByOs(on: Gathered["on"]): Map<string, number> {
	const counts = new Map<string, number>()
	for (const { looked, stood } of on) if (!stood.applied) counts.set(looked.os, (counts.get(looked.os) ?? 0) + 1)
	return counts
}

/** Whose content it is. An appliance's record speaks for itself only: what most of them say names the content of all. */
function originOf(
	{ first, on }: Gathered,
	file: AskedFile,
	{ module, ours, published }: KnownContents,
	factory: ReadonlyMap<string, string>,
): Origin {
	const { now, key } = first
	if (now.state === "refused") return { kind: "refused", failure: now.failure }
	const areMost = (is: (stood: StoodFile) => boolean) => on.filter(({ stood }) => is(stood)).length * 2 > on.length
	if (now.state === "absent") return { kind: areMost(({ applied }) => applied !== undefined) ? "removed" : "missing" }
	if (now.digest !== undefined && now.digest === ours.get(file.target)) return { kind: "ours" }
	const version = now.digest === undefined ? undefined : published.get(file.destination)?.get(now.digest)
	if (version !== undefined) return { kind: "version", module, version }
	const written = recordOfMost(on)
	if (written) return { kind: "version", ...written }
	const releases = on.filter(({ stood }) => !stood.applied).map(({ looked }) => looked.os)
	if (releases.some((os) => factory.get(os) === key)) return { kind: "factory" }
	if (areMost(isChanged)) return { kind: "changed" }
	return { kind: releases.some((os) => factory.has(os)) ? "own" : "unknown" }
}

/** The version that wrote what stands there, by the records of most of those that have it. */
function recordOfMost(on: Gathered["on"]): { module: string; version: string } | undefined {
	const counts = new Map<string, number>()
	for (const { stood } of on) {
		const { now, applied } = stood
		if (!applied || now.state !== "file" || now.digest !== applied.digest) continue
		const { module, version } = applied
		const key = JSON.stringify([module, version])
		const count = (counts.get(key) ?? 0) + 1
		if (count * 2 > on.length) return { module, version }
		counts.set(key, count)
	}
	return undefined
}
