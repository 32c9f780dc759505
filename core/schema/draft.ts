import type { Finding } from "./finding.ts"
import { type JsonNode, type JsonPath, type JsonText, nodeAt, printPath } from "./json-text.ts"

/** A finding before its place is counted out; `offset` and `end` bound what it speaks of. */
export interface Draft extends Omit<Finding, "path" | "line" | "column"> {
	path: JsonPath
	offset: number
	end: number
}

/** No person reads more; a hostile index must not make a million. */
export const MAX_FINDINGS = 1000

/** A fault about a node. */
export function faultAt(node: JsonNode, path: JsonPath, rule: string, message: string, remedy: string): Draft {
	return { severity: "fault", rule, path, offset: node.offset, end: node.offset + node.length, message, remedy }
}

/** A warning about a node. */
export function warningAt(node: JsonNode, path: JsonPath, rule: string, message: string, remedy: string): Draft {
	return { ...faultAt(node, path, rule, message, remedy), severity: "warning" }
}

/** Findings in the order of the file; beyond `MAX_FINDINGS` faults go first, and it is said that some were left out. */
export function makeFindings(json: JsonText, drafts: Draft[]): Finding[] {
	const isFault = (draft: Draft) => draft.severity === "fault"
	const ranked = [...drafts.filter(isFault), ...drafts.filter((draft) => !isFault(draft))]
	const kept = ranked.slice(0, MAX_FINDINGS).sort((a, b) => a.offset - b.offset)
	const findings = kept.map(({ path, offset, end: _, ...rest }) => ({
		...rest,
		path: printPath(path),
		...json.placeAt(offset),
	}))
	return ranked.length > MAX_FINDINGS ? [...findings, leftOut(ranked.length - MAX_FINDINGS)] : findings
}

/** Where a path stands, or the nearest thing around it that does. */
export function nearestNode(root: JsonNode, path: JsonPath): JsonNode {
	for (let length = path.length; length > 0; length -= 1) {
		const node = nodeAt(root, path.slice(0, length))
		if (node) return node
	}
	return root
}

function leftOut(count: number): Finding {
	return {
		severity: "warning",
		rule: "findings-left-out",
		path: "$",
		line: 1,
		column: 1,
		message: `${count} further findings are left out`,
		remedy: "mend these first",
	}
}
