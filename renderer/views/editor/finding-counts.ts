import { parsePath } from "../../../core/schema/document/parse-path.ts"
import type { Finding } from "../../../core/schema/finding.ts"

export interface Counts {
	faults: number
	warnings: number
}

/** How many findings each part of the module has. */
export function countByPart(findings: readonly Finding[]): {
	module: Counts
	final: Counts
	pools: Map<number, Counts>
} {
	const [module, final] = [none(), none()]
	const pools = new Map<number, Counts>()
	for (const { path, severity } of findings) {
		const [first, second] = parsePath(path) ?? []
		const index = first === "pools" && typeof second === "number" ? second : undefined
		const counts = index === undefined ? (first === "finalClosure" ? final : module) : (pools.get(index) ?? none())
		if (index !== undefined) pools.set(index, counts)
		counts[severity === "fault" ? "faults" : "warnings"] += 1
	}
	return { module, final, pools }
}

const none = (): Counts => ({ faults: 0, warnings: 0 })
