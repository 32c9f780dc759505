import type { Finding } from "./finding.ts"
import { nodesAt, parseJsonText, printPath } from "./json-text.ts"
import { normalTarget } from "./manifest.ts"

/** A file that an operation names, with the place of that name in `index.json`. */
export interface NamedTarget extends Pick<Finding, "path" | "line" | "column"> {
	/** Normal path below `src/`. */
	target: string
}

/** Every target that an index names, also one with faults elsewhere, so that missing files are told with them. */
export function targetsOf(text: string): NamedTarget[] {
	const { root, trustedEnd, placeAt } = parseJsonText(text)
	if (!root) return []
	const found = [...nodesAt(root, ["pools", "*", "operations", "*", "target"])].filter(
		({ node }) => node.type === "string" && node.offset + node.length <= trustedEnd,
	)
	return found.map(({ node, path }) => ({
		target: normalTarget(node.value),
		path: printPath(path),
		...placeAt(node.offset),
	}))
}
