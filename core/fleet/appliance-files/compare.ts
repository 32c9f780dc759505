import { MAX_STATED_FILES } from "../../protocol/file-calls.ts"
import type { ComparedFile, Comparison, Variant } from "../../schema/appliance-compare.ts"
import type { SeenDestination, StandingFile } from "../../schema/appliance-files.ts"
import type { Failure } from "../../schema/failure.ts"
import { parseJsonText, plainValue } from "../../schema/json-text.ts"
import type { LibraryOpened } from "../../schema/library.ts"
import { normalTarget } from "../../schema/manifest.ts"

export type Asked = Pick<ComparedFile, "destination" | "target" | "pools">

/** What one appliance said. */
export type Answer = { id: string; seen: SeenDestination[] } | { id: string; failure: Failure }

/** Every destination that the index names, also in one with faults elsewhere; each once for each of its sources. */
export function destinationsOf(text: string): { asked: Asked[]; left: number } {
	const { root } = parseJsonText(text)
	const byKey = new Map<string, Asked>()
	for (const pool of listOf(root && plainValue(root), "pools")) {
		for (const operation of listOf(pool, "operations")) {
			const [destination, target, id] = [
				memberOf(operation, "destination"),
				memberOf(operation, "target"),
				memberOf(pool, "id"),
			]
			if (typeof destination !== "string" || typeof target !== "string" || !isPath(destination)) continue
			const one = { destination, target: normalTarget(target), pools: [] as string[] }
			const known = byKey.get(`${one.target}\0${destination}`) ?? one
			byKey.set(`${one.target}\0${destination}`, known)
			if (typeof id === "string" && !known.pools.includes(id)) known.pools.push(id)
		}
	}
	const all = [...byKey.values()]
	return { asked: all.slice(0, MAX_STATED_FILES), left: Math.max(0, all.length - MAX_STATED_FILES) }
}

function isPath(destination: string): boolean {
	return destination.startsWith("/") && !destination.includes("\0") && destination.length <= 4096
}

function memberOf(value: unknown, key: string): unknown {
	return typeof value === "object" && value !== null && Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined
}

function listOf(value: unknown, key: string): unknown[] {
	const found = memberOf(value, key)
	return Array.isArray(found) ? found : []
}

/** The answers of many appliances by destination, each in variants: the most frequent first. */
export function makeComparison(
	{ sources }: Pick<LibraryOpened, "sources">,
	{ asked, left }: ReturnType<typeof destinationsOf>,
	answers: Answer[],
): Comparison {
	const ours = new Map(sources.map(({ target, digest, size }) => [target, { digest, size }]))
	const files = asked.map((one, index) => {
		const source = ours.get(one.target)
		return { ...one, ...(source && { ours: source }), variants: makeVariants(answers, index, source?.digest) }
	})
	return { files, failed: answers.filter((answer) => "failure" in answer), left }
}

function makeVariants(answers: Answer[], index: number, ours: string | undefined): Variant[] {
	const variants = new Map<string, Variant>()
	for (const answer of answers) {
		const seen = "seen" in answer ? answer.seen[index] : undefined
		if (!seen) continue
		const key = keyOf(seen.now, answer.id)
		const isOurs = seen.now.state === "file" && seen.now.digest !== undefined && seen.now.digest === ours
		const variant = variants.get(key) ?? { now: seen.now, isOurs, appliances: [] }
		variant.appliances.push({ id: answer.id, ...(seen.applied && { applied: seen.applied }) })
		variants.set(key, variant)
	}
	return [...variants.values()].sort((a, b) => b.appliances.length - a.appliances.length)
}

/** One without a digest is like no other. */
function keyOf(now: StandingFile, id: string): string {
	if (now.state === "refused") return `refused ${now.failure.code} ${now.failure.data.reason}`
	return now.state === "absent" ? "absent" : `file ${now.digest ?? id}`
}
