import { MAX_FETCHED_BYTES, type StandingFile } from "../../../../core/schema/appliance-files.ts"
import { plainText } from "../../../../core/schema/plain-text.ts"
import { sentenceOf } from "../../../../core/schema/sentences.ts"
import type { ComparedFile, Variant } from "../../../../core/schema/variants.ts"
import { formatBytes } from "../../../components/format.ts"

/** Where our side of a destination is. */
export function sourceWords({ target, pools, ours }: ComparedFile): string {
	if (ours) return pools.length > 0 ? `from src/${target}` : `src/${target} is in no pool`
	return pools.length > 0 ? `src/${target} is missing` : "not in the module"
}

/** How a variant stands to our source and to what was applied last. */
export function wordsOf({ now, isOurs, appliances }: Variant, file: Pick<ComparedFile, "ours" | "pools">): string {
	if (now.state === "absent") return "not there"
	if (now.state === "refused") return sentenceOf(now.failure).what
	if (isOurs) return "the same as our source"
	const size = formatBytes(now.size)
	if (now.digest !== undefined) return [...besideOurs(file), sinceApplied(now.digest, appliances), size].join(", ")
	// Without a digest the bytes may be the same ones.
	return now.size > MAX_FETCHED_BYTES
		? `too large to be compared by content, ${size}`
		: `not compared by content, there was too much to read, ${size}`
}

/** Nothing differs from a source that is not there. */
function besideOurs({ ours, pools }: Pick<ComparedFile, "ours" | "pools">): string[] {
	if (ours) return ["differs from our source"]
	return pools.length > 0 ? ["our source is missing"] : []
}

/** Only a recorded digest that is another one says that a file was changed. */
function sinceApplied(digest: string, appliances: Variant["appliances"]): string {
	const recorded = appliances.flatMap(({ applied }) => (applied ? [applied.digest] : []))
	if (recorded.length === 0) return "never applied by us"
	const changed = recorded.filter((one) => one !== digest).length
	const what = changed > 0 ? "changed since it was applied" : "as it was applied last"
	const on = changed > 0 ? changed : recorded.length
	return on === appliances.length ? what : `${what} on ${on} of ${appliances.length}`
}

/** Owner, group and mode, as `index.json` would have them. */
export function accessOf(now: StandingFile): string {
	if (now.state !== "file") return ""
	const { owner, uid, group, gid, mode } = now
	return plainText(`${owner ?? uid}:${group ?? gid} ${mode.toString(8).padStart(4, "0")}`, 100)
}

/** The same content may belong to others elsewhere. */
export function accessWords({ appliances }: Variant): string {
	const all = new Set(appliances.map(({ now }) => accessOf(now)))
	return all.size === 1 ? ([...all][0] ?? "") : `${all.size} owners or modes`
}
