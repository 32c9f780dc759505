import type { Variant } from "../../../../core/schema/appliance-compare.ts"
import { MAX_FETCHED_BYTES } from "../../../../core/schema/appliance-files.ts"
import { sentenceOf } from "../../../../core/schema/sentences.ts"
import { formatBytes } from "../../../components/format.ts"

/** How a variant stands to our source and to what was applied last. */
export function wordsOf({ now, isOurs, appliances }: Variant): string {
	if (now.state === "absent") return "not there"
	if (now.state === "refused") return sentenceOf(now.failure).what
	if (isOurs) return "the same as our source"
	const size = formatBytes(now.size)
	if (now.digest !== undefined) return `differs from our source, ${sinceApplied(now.digest, appliances)}, ${size}`
	// Without a digest the bytes may be the same ones.
	return now.size > MAX_FETCHED_BYTES
		? `too large to be compared by content, ${size}`
		: `not compared by content, there was too much to read, ${size}`
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
