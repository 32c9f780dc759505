import type { Reason } from "../../schema/outcome.ts"
import { inPhase } from "../pool/in-phase.ts"
import type { PoolWork } from "../pool/pool-work.ts"
import { applyChanges } from "./apply-changes.ts"

/** Phase 4: every new file in place, each at once. Its way back is `restore`. */
export function apply(work: PoolWork): Promise<Reason | undefined> {
	const { scope, pool, destinations, manifest } = work
	return inPhase(scope, pool, "apply", async () => {
		if (!manifest) throw new Error("cannot apply a pool without a complete backup")
		const scratch = scope.layout.backup(pool, scope.run)
		await applyChanges(scope.host, manifest, destinations, scratch, work.begun, (destination, action, content) =>
			scope.emit({ type: "file", pool, phase: "apply", destination, action, ...contentOf(content) }),
		)
		return undefined
	})
}

/** What a file event says of a content: nothing besides. */
export function contentOf(content?: { digest: string; size: number }): { digest?: string; size?: number } {
	return content ? { digest: content.digest, size: content.size } : {}
}
