import type { LegacyLook } from "../../schema/library.ts"
import { digestOf } from "../digest.ts"
import type { LegacyModule } from "./import-legacy.ts"

/** What a legacy module would become, for a person, with a digest of all that it says. */
export function makeLegacyLook({ folder, text, conversion, findings }: LegacyModule): LegacyLook {
	const base = digestOf(JSON.stringify({ text, conversion, findings }))
	if (!conversion) return { folder, base, findings }
	const { pools, grouping, items, findings: found } = conversion
	return { folder, base, findings, conversion: { pools, grouping, items, findings: found } }
}
