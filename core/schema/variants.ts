import type { AskedFile } from "./appliance-compare.ts"
import type { AppliedFile, SeenDestination, StandingFile } from "./appliance-files.ts"

/** A destination on one appliance. */
export interface SeenOn {
	id: string
	now: StandingFile
	applied?: AppliedFile | undefined
}

/** One content in which a destination stands on some of the appliances; owner and mode may differ among them. */
export interface Variant {
	/** The same for the same content, however many appliances have it. */
	key: string
	/** As on the first of them. */
	now: StandingFile
	/** It has the very bytes of our source. */
	isOurs: boolean
	appliances: SeenOn[]
}

export interface ComparedFile extends AskedFile {
	/** Absent: there is no such source. */
	ours?: { digest: string; size: number }
	/** The most frequent first. */
	variants: Variant[]
}

/** What appliances said, by destination: in which variants each stands. */
export function compareFiles(
	asked: readonly AskedFile[],
	sources: readonly { target: string; digest: string; size: number }[],
	answers: readonly { id: string; seen: SeenDestination[] }[],
): ComparedFile[] {
	const ours = new Map(sources.map(({ target, digest, size }) => [target, { digest, size }]))
	return asked.map((one, index) => {
		const source = ours.get(one.target)
		const seen = answers.flatMap(({ id, seen }) => (seen[index] ? [{ id, ...seen[index] }] : []))
		return { ...one, ...(source && { ours: source }), variants: variantsOf(seen, source?.digest) }
	})
}

function variantsOf(seen: SeenOn[], ours: string | undefined): Variant[] {
	const variants = new Map<string, Variant>()
	for (const { id, now, applied } of seen) {
		const key = keyOfContent(now, id)
		const isOurs = now.state === "file" && now.digest !== undefined && now.digest === ours
		const variant = variants.get(key) ?? { key, now, isOurs, appliances: [] }
		variant.appliances.push({ id, now, applied })
		variants.set(key, variant)
	}
	return [...variants.values()].sort((a, b) => b.appliances.length - a.appliances.length)
}

/** The same for the same content; one without a digest is like no other. */
export function keyOfContent(now: StandingFile, id: string): string {
	if (now.state === "refused") return `refused ${now.failure.code} ${now.failure.data.reason}`
	return now.state === "absent" ? "absent" : `file ${now.digest ?? id}`
}
