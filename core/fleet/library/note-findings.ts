import type { ModuleFolder } from "../../folder/read-module-folder.ts"
import type { Finding } from "../../schema/finding.ts"
import { normalTarget } from "../../schema/manifest.ts"
import { quoted } from "../../schema/plain-text.ts"
import { type SourceUse, sourceNotes } from "../../schema/source-notes.ts"
import { targetsOf } from "../../schema/targets.ts"
import type { ReadTraits } from "./traits.ts"

/** Told by other findings of a module, or only where its files are edited. */
const TOLD_ELSEWHERE = new Set(["source-unused", "source-large"])

/**
 * What is doubtful about the files' own bytes (secrets, scripts with Windows line ends, a missing executable bit ...), as
 * warnings at the place that names the file. Published versions never change, so it is said before. `text`: of the index.
 */
export async function noteFindings(
	{ folder, sources, module }: Pick<ModuleFolder, "folder" | "sources" | "module">,
	text: string,
	readTraits: ReadTraits,
): Promise<Finding[]> {
	if (!module) return [] // Its faults come first.
	const uses = usesOf(module)
	const places = new Map(targetsOf(text).map(({ target, ...place }) => [target, place]))
	// Those that nothing uses as well: they are published with the others.
	const traits = await readTraits(
		folder,
		sources.map(({ target }) => target),
	)
	const byTarget = new Map(traits.map((one) => [one.target, one]))
	return sources.flatMap(({ target, size, mode }) =>
		sourceNotes({ target, size, isExecutable: (mode & 0o100) !== 0, traits: byTarget.get(target) }, uses(target))
			.filter(({ rule }) => !TOLD_ELSEWHERE.has(rule))
			.map(({ rule, message, remedy }) => ({
				severity: "warning" as const,
				rule,
				...(places.get(target) ?? { path: "$", line: 1, column: 1 }),
				message: `${quoted(`src/${target}`)}: ${message}`,
				remedy,
			})),
	)
}

function usesOf({ pools }: NonNullable<ModuleFolder["module"]>): (target: string) => SourceUse[] {
	const all = pools.flatMap(({ id, operations }, pool) =>
		operations.map(({ target, destination, permissions }) => ({
			target: normalTarget(target),
			use: { pool, name: id, destination, mode: permissions?.mode },
		})),
	)
	const byTarget = Map.groupBy(all, ({ target }) => target)
	return (target) => (byTarget.get(target) ?? []).map(({ use }) => use)
}
