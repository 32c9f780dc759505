import type { Finding } from "./finding.ts"
import { type JsonPath, nodesAt, parseJsonText, printPath } from "./json-text.ts"
import { normalTarget } from "./manifest.ts"

/** A text of an index, with its place there. */
export interface NamedText extends Pick<Finding, "path" | "line" | "column"> {
	value: string
}

/** A file that an operation names, with the place of that name in `index.json`. */
export interface NamedTarget extends Pick<Finding, "path" | "line" | "column"> {
	/** Normal path below `src/`. */
	target: string
}

/** Every text at a place of an index (`*` stands for each item of a list), also of one with faults elsewhere. */
export function textsAt(text: string, at: JsonPath): NamedText[] {
	const { root, trustedEnd, placeAt } = parseJsonText(text)
	if (!root) return []
	const found = [...nodesAt(root, at)].filter(
		({ node }) => node.type === "string" && node.offset + node.length <= trustedEnd,
	)
	return found.map(({ node, path }) => ({
		value: node.value,
		path: printPath(path),
		...placeAt(node.offset),
	}))
}

/** Every target that an index names, so that missing files are told together with its faults. */
export function targetsOf(text: string): NamedTarget[] {
	const named = textsAt(text, ["pools", "*", "operations", "*", "target"])
	return named.map(({ value, ...place }) => ({ target: normalTarget(value), ...place }))
}
